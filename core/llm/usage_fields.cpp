// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/usage_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace weir::llm {

namespace {

using simdjson::ondemand::object;
using simdjson::ondemand::value;
using Tokens = std::optional<std::int64_t>;

/// Counts under the names of one API, as far as they were given.
struct Counts
{
    Tokens input;
    Tokens output;
    Tokens cached;
    Tokens cacheWrite;
    Tokens cacheWrite1h;
    Tokens reasoning;

    bool isEmpty() const { return !input && !output && !cached && !cacheWrite; }
};

/// "prompt_tokens" … (Chat, Embeddings) and "input_tokens" … (Messages, Responses). Some gateways send both
/// sets, the one that is not the API's own filled with zeros, so they are kept apart.
struct UsageFields
{
    Counts prompt;
    Counts input;
};

Tokens rounded(std::string_view text)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return std::llround(std::clamp(number, 0.0, double(TokensMax)));
}

/// A token count, clamped to [0, TokensMax]; nullopt if it is no number. Read from the text, because a number
/// of any length is a number here. Some servers write 40.0, or an average: rounded.
Tokens tokens(value &number)
{
    std::string_view text = number.raw_json_token();
    while (!text.empty() &&
           (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
        text.remove_suffix(1);
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument)
        return rounded(text);
    if (error == std::errc::result_out_of_range)
        return text.front() == '-' ? 0 : TokensMax;
    return std::clamp<std::int64_t>(count, 0, TokensMax);
}

/// Details of the input, whatever they are called by the API.
void takeInputDetails(value &details, Counts &counts)
{
    object fields;
    if (details.get_object().get(fields))
        return;
    forEachField(fields, [&counts](std::string_view name, value count) {
        if (name == "cached_tokens")
            counts.cached = tokens(count);
        else if (name == "cache_write_tokens" || name == "cache_creation_tokens")
            counts.cacheWrite = tokens(count);
        else if (name == "ephemeral_1h_input_tokens")
            counts.cacheWrite1h = tokens(count);
    });
}

void takeOutputDetails(value &details, Counts &counts)
{
    object fields;
    if (details.get_object().get(fields))
        return;
    forEachField(fields, [&counts](std::string_view name, value count) {
        if (name == "reasoning_tokens" || name == "thinking_tokens")
            counts.reasoning = tokens(count);
    });
}

UsageFields readUsageFields(object usage)
{
    UsageFields found;
    forEachField(usage, [&found](std::string_view key, value field) {
        if (key == "input_tokens")
            found.input.input = tokens(field);
        else if (key == "output_tokens")
            found.input.output = tokens(field);
        else if (key == "cache_creation_input_tokens")
            found.input.cacheWrite = tokens(field);
        else if (key == "cache_creation")
            takeInputDetails(field, found.input);
        else if (key == "cache_read_input_tokens")
            found.input.cached = tokens(field);
        else if (key == "input_tokens_details")
            takeInputDetails(field, found.input);
        else if (key == "output_tokens_details")
            takeOutputDetails(field, found.input);
        else if (key == "prompt_tokens")
            found.prompt.input = tokens(field);
        else if (key == "completion_tokens")
            found.prompt.output = tokens(field);
        else if (key == "prompt_tokens_details")
            takeInputDetails(field, found.prompt);
        else if (key == "completion_tokens_details")
            takeOutputDetails(field, found.prompt);
        else if (key == "prompt_cache_hit_tokens" || key == "cached_tokens")
            found.prompt.cached = tokens(field);
    });
    return found;
}

/// What is known after `given`: some servers end with a chunk of zeros, which erases nothing.
std::int64_t latest(const Tokens &given, std::int64_t before)
{
    return given && (*given > 0 || before == 0) ? *given : before;
}

/// Anthropic's input_tokens excludes what came from or went to the cache, ours includes it. Each event may
/// tell some of the parts only; the others stay.
void applyMessages(const Counts &counts, TokenUsage &usage)
{
    const std::int64_t freshBefore =
        std::max<std::int64_t>(usage.input - usage.cacheWrite - usage.cachedInput, 0);
    usage.cacheWrite = latest(counts.cacheWrite, usage.cacheWrite);
    usage.cacheWrite1h = std::min(latest(counts.cacheWrite1h, usage.cacheWrite1h), usage.cacheWrite);
    usage.cachedInput = latest(counts.cached, usage.cachedInput);
    usage.input =
        std::min(latest(counts.input, freshBefore) + usage.cacheWrite + usage.cachedInput, TokensMax);
    usage.output = latest(counts.output, usage.output);
    usage.reasoning = std::min(latest(counts.reasoning, usage.reasoning), usage.output);
}

/// OpenAI's prompt and input tokens include the cached ones, its output the reasoning.
void applyOpenAi(const Counts &counts, TokenUsage &usage)
{
    usage.input = latest(counts.input, usage.input);
    usage.output = latest(counts.output, usage.output);
    // A part is never larger than the whole, whatever the upstream says.
    usage.cachedInput = std::min(latest(counts.cached, usage.cachedInput), usage.input);
    usage.cacheWrite = std::min(latest(counts.cacheWrite, usage.cacheWrite), usage.input - usage.cachedInput);
    usage.reasoning = std::min(latest(counts.reasoning, usage.reasoning), usage.output);
}

} // namespace

void readUsage(Api api, value &field, TokenUsage &usage)
{
    object fields;
    if (field.get_object().get(fields))
        return; // "usage": null in all chunks but the last
    const UsageFields found = readUsageFields(fields);
    const bool usesInputNames = api == Api::Messages || api == Api::Responses;
    const Counts &own = usesInputNames ? found.input : found.prompt;
    const Counts &other = usesInputNames ? found.prompt : found.input;
    Counts counts = own.isEmpty() ? other : own;
    if (counts.isEmpty())
        return;
    if (api != Api::Messages) { // some gateways speak of the cache in Anthropic's words
        counts.cached = counts.cached ? counts.cached : other.cached;
        counts.cacheWrite = counts.cacheWrite ? counts.cacheWrite : other.cacheWrite;
    }
    usage.known = true;
    if (api == Api::Messages)
        applyMessages(counts, usage);
    else
        applyOpenAi(counts, usage);
}

} // namespace weir::llm
