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

struct Number
{
    std::int64_t count = 0;
    bool isRounded = false;
};

std::optional<Number> rounded(std::string_view text)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    const double believed = std::clamp(number, 0.0, double(TokensMax));
    return Number{std::llround(believed), believed != std::floor(believed)};
}

/// A token count, clamped to [0, TokensMax]; nullopt if it is no number. Read from the text, because a number
/// of any length is a number here. Some servers write 40.0, or an average.
std::optional<Number> numberIn(value &field)
{
    std::string_view text = field.raw_json_token();
    while (!text.empty() &&
           (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
        text.remove_suffix(1);
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument)
        return rounded(text);
    if (error == std::errc::result_out_of_range)
        return Number{text.front() == '-' ? 0 : TokensMax};
    return Number{std::clamp<std::int64_t>(count, 0, TokensMax)};
}

/// Counts under the names of one API, as far as they were given.
struct Counts
{
    Tokens input;
    Tokens output;
    Tokens cached;
    Tokens cacheWrite;
    Tokens cacheWrite1h;
    Tokens reasoning;
    Tokens total;
    bool isRounded = false;

    bool isEmpty() const { return !input && !output && !cached && !cacheWrite; }
    std::int64_t sum() const { return input.value_or(0) + output.value_or(0); }
    void take(Tokens Counts::*which, value &field)
    {
        const std::optional<Number> number = numberIn(field);
        this->*which = number ? Tokens(number->count) : Tokens();
        isRounded = isRounded || (number && number->isRounded);
    }
};

/// "prompt_tokens" … (Chat, Embeddings) and "input_tokens" … (Messages, Responses). Some gateways send both
/// sets, the one that is not the API's own filled with zeros, so they are kept apart.
struct UsageFields
{
    Counts prompt;
    Counts input;
};

/// Details of the input, whatever they are called by the API.
void takeInputDetails(value &details, Counts &counts)
{
    object fields;
    if (details.get_object().get(fields))
        return;
    forEachField(fields, [&counts](std::string_view name, value count) {
        if (name == "cached_tokens")
            counts.take(&Counts::cached, count);
        else if (name == "cache_write_tokens" || name == "cache_creation_tokens")
            counts.take(&Counts::cacheWrite, count);
        else if (name == "ephemeral_1h_input_tokens")
            counts.take(&Counts::cacheWrite1h, count);
    });
}

void takeOutputDetails(value &details, Counts &counts)
{
    object fields;
    if (details.get_object().get(fields))
        return;
    forEachField(fields, [&counts](std::string_view name, value count) {
        if (name == "reasoning_tokens" || name == "thinking_tokens")
            counts.take(&Counts::reasoning, count);
    });
}

UsageFields readUsageFields(object usage)
{
    UsageFields found;
    forEachField(usage, [&found](std::string_view key, value field) {
        if (key == "input_tokens")
            found.input.take(&Counts::input, field);
        else if (key == "output_tokens")
            found.input.take(&Counts::output, field);
        else if (key == "cache_creation_input_tokens")
            found.input.take(&Counts::cacheWrite, field);
        else if (key == "cache_creation")
            takeInputDetails(field, found.input);
        else if (key == "cache_read_input_tokens")
            found.input.take(&Counts::cached, field);
        else if (key == "input_tokens_details")
            takeInputDetails(field, found.input);
        else if (key == "output_tokens_details")
            takeOutputDetails(field, found.input);
        else if (key == "prompt_tokens")
            found.prompt.take(&Counts::input, field);
        else if (key == "completion_tokens")
            found.prompt.take(&Counts::output, field);
        else if (key == "prompt_tokens_details")
            takeInputDetails(field, found.prompt);
        else if (key == "completion_tokens_details")
            takeOutputDetails(field, found.prompt);
        else if (key == "prompt_cache_hit_tokens" || key == "cached_tokens")
            found.prompt.take(&Counts::cached, field);
        else if (key == "reasoning_tokens")
            found.prompt.take(&Counts::reasoning, field);
        else if (key == "total_tokens")
            found.prompt.take(&Counts::total, field);
    });
    found.input.total = found.prompt.total;
    return found;
}

/// The set of names that tells: the API's own, unless only the other one is there.
Counts chosen(Api api, const UsageFields &found)
{
    const bool usesInputNames = api == Api::Messages || api == Api::Responses ||
                                (api == Api::Other && found.input.sum() > found.prompt.sum());
    const Counts &own = usesInputNames ? found.input : found.prompt;
    const Counts &other = usesInputNames ? found.prompt : found.input;
    Counts counts = own.isEmpty() ? other : own;
    if (api != Api::Messages) { // some gateways speak of the cache in Anthropic's words
        counts.cached = counts.cached ? counts.cached : other.cached;
        counts.cacheWrite = counts.cacheWrite ? counts.cacheWrite : other.cacheWrite;
    }
    return counts;
}

/// Servers differ in what their numbers include; the total, where it is told, decides. What it is larger by
/// is reasoning beside the output, or what the cache did beside the input.
void completeByTotal(Counts &counts)
{
    if (!counts.total)
        return;
    const std::int64_t total = *counts.total;
    if (!counts.input)
        counts.input = std::max<std::int64_t>(total - counts.output.value_or(0), 0);
    if (!counts.output)
        counts.output = std::max<std::int64_t>(total - *counts.input, 0);
    const std::int64_t beside = total - *counts.input - *counts.output;
    if (beside <= 0)
        return;
    const std::int64_t ofCache = counts.cached.value_or(0) + counts.cacheWrite.value_or(0);
    const std::int64_t reasoning = counts.reasoning.value_or(0);
    if (beside == ofCache) {
        counts.input = *counts.input + ofCache;
    } else if (beside == reasoning + ofCache) {
        counts.input = *counts.input + ofCache;
        counts.output = *counts.output + reasoning;
    } else if (beside == reasoning || !counts.reasoning) { // some do not tell it by itself
        counts.output = *counts.output + beside;
        counts.reasoning = beside;
    }
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
    Counts counts = chosen(api, readUsageFields(fields));
    if (api != Api::Messages)
        completeByTotal(counts);
    if (counts.isEmpty())
        return;
    usage.isRounded = usage.isRounded || counts.isRounded;
    usage.known = true;
    if (api == Api::Messages)
        applyMessages(counts, usage);
    else
        applyOpenAi(counts, usage);
}

} // namespace weir::llm
