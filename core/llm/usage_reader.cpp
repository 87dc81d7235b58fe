// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/usage_reader.h"

#include "llm/json_fields.h"
#include "llm/limits.h"
#include <algorithm>
#include <charconv>
#include <optional>

namespace weir::llm {

namespace {

using simdjson::ondemand::json_type;
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

/// A token count, clamped to [0, TokensMax]; nullopt if it is no integer. Read from the text, because a
/// number of any length is a number here.
Tokens tokens(value &number)
{
    std::string_view text = number.raw_json_token();
    while (!text.empty() &&
           (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
        text.remove_suffix(1);
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument)
        return std::nullopt;
    if (error == std::errc::result_out_of_range)
        return text.front() == '-' ? 0 : TokensMax;
    return std::clamp<std::int64_t>(count, 0, TokensMax);
}

/// The count under `key` in an object of details.
Tokens detail(value &details, std::string_view key)
{
    object fields;
    Tokens found;
    if (details.get_object().get(fields))
        return found;
    forEachField(fields, [&](std::string_view name, value count) {
        if (name == key)
            found = tokens(count);
    });
    return found;
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
            found.input.cacheWrite1h = detail(field, "ephemeral_1h_input_tokens");
        else if (key == "cache_read_input_tokens")
            found.input.cached = tokens(field);
        else if (key == "input_tokens_details")
            found.input.cached = detail(field, "cached_tokens");
        else if (key == "output_tokens_details")
            found.input.reasoning = detail(field, "reasoning_tokens");
        else if (key == "prompt_tokens")
            found.prompt.input = tokens(field);
        else if (key == "completion_tokens")
            found.prompt.output = tokens(field);
        else if (key == "prompt_tokens_details")
            found.prompt.cached = detail(field, "cached_tokens");
        else if (key == "completion_tokens_details")
            found.prompt.reasoning = detail(field, "reasoning_tokens");
    });
    return found;
}

/// Anthropic's input_tokens excludes what came from or went to the cache, ours includes it. Each event may
/// tell some of the parts only; the others stay.
void applyMessages(const Counts &counts, TokenUsage &usage)
{
    const std::int64_t freshBefore =
        std::max<std::int64_t>(usage.input - usage.cacheWrite - usage.cachedInput, 0);
    usage.cacheWrite = counts.cacheWrite.value_or(usage.cacheWrite);
    usage.cacheWrite1h = std::min(counts.cacheWrite1h.value_or(usage.cacheWrite1h), usage.cacheWrite);
    usage.cachedInput = counts.cached.value_or(usage.cachedInput);
    const std::int64_t fresh = counts.input.value_or(freshBefore);
    usage.input = std::min(fresh + usage.cacheWrite + usage.cachedInput, TokensMax);
    usage.output = counts.output.value_or(usage.output);
}

/// OpenAI's prompt and input tokens include the cached ones, its output the reasoning.
void applyOpenAi(const Counts &counts, TokenUsage &usage)
{
    usage.input = counts.input.value_or(usage.input);
    usage.output = counts.output.value_or(usage.output);
    // A part is never larger than the whole, whatever the upstream says.
    usage.cachedInput = std::min(counts.cached.value_or(usage.cachedInput), usage.input);
    usage.reasoning = std::min(counts.reasoning.value_or(usage.reasoning), usage.output);
}

void readUsage(Api api, value &field, TokenUsage &usage)
{
    object fields;
    if (field.get_object().get(fields))
        return; // "usage": null in all chunks but the last
    const UsageFields found = readUsageFields(fields);
    const bool usesInputNames = api == Api::Messages || api == Api::Responses;
    const Counts &own = usesInputNames ? found.input : found.prompt;
    const Counts &other = usesInputNames ? found.prompt : found.input;
    const Counts &counts = own.isEmpty() ? other : own;
    if (counts.isEmpty())
        return;
    usage.known = true;
    if (api == Api::Messages)
        applyMessages(counts, usage);
    else
        applyOpenAi(counts, usage);
}

bool tellsUsage(Api api)
{
    switch (api) {
    case Api::Messages:
    case Api::ChatCompletions:
    case Api::Responses:
    case Api::Embeddings:
        return true;
    case Api::CountTokens: // its input_tokens is the answer, nothing was used
    case Api::Models:
    case Api::Other:
        return false;
    }
    return false;
}

/// A text of at most `sizeMax` bytes goes to `word`; anything else leaves it.
void takeWord(value &field, std::size_t sizeMax, std::string &word)
{
    std::string_view text;
    if (!field.get_string().get(text) && text.size() <= sizeMax)
        word = text;
}

/// "code" or "type" of an error; some vendors write the code as a number.
void takeErrorCode(value &error, std::string &code)
{
    object fields;
    if (error.get_object().get(fields))
        return;
    std::string type;
    forEachField(fields, [&](std::string_view name, value part) {
        std::int64_t number = 0;
        json_type kind{};
        if (name == "type")
            takeWord(part, EndReasonMax, type);
        else if (name != "code" || part.type().get(kind))
            return;
        else if (kind == json_type::number && !part.get_int64().get(number))
            code = std::to_string(number);
        else
            takeWord(part, EndReasonMax, code);
    });
    if (code.empty())
        code = std::move(type);
}

/// The word under `key` in an object.
void takeWordInside(value &field, std::string_view key, std::string &word)
{
    object fields;
    if (field.get_object().get(fields))
        return;
    forEachField(fields, [&](std::string_view name, value part) {
        if (name == key)
            takeWord(part, EndReasonMax, word);
    });
}

void takeFinishReasons(value &choices, std::string &reason)
{
    simdjson::ondemand::array list;
    if (choices.get_array().get(list))
        return;
    for (auto entry : list) {
        value choice;
        if (std::move(entry).get(choice))
            return;
        takeWordInside(choice, "finish_reason", reason);
    }
}

/// Takes what says why generating ended, from a field of the whole reply or of an event.
void takeEndReason(Api api, std::string_view key, value &field, std::string &reason)
{
    if (api == Api::Messages && key == "stop_reason")
        takeWord(field, EndReasonMax, reason);
    else if (api == Api::Messages && key == "delta") // of message_delta
        takeWordInside(field, "stop_reason", reason);
    else if (api == Api::ChatCompletions && key == "choices")
        takeFinishReasons(field, reason);
}

/// Takes a field of the object that stands for the whole reply.
void takeReplyField(Api api, std::string_view key, value &field, ReplyFacts &facts)
{
    if (key == "usage")
        readUsage(api, field, facts.usage);
    else if (key == "model")
        takeWord(field, ModelNameMax, facts.model);
    else if (key == "error")
        takeErrorCode(field, facts.errorCode);
    else
        takeEndReason(api, key, field, facts.endReason);
}

/// The end of a response, whose two words stand in any order.
class ResponseEnd
{
public:
    explicit ResponseEnd(Api api) : m_isResponse(api == Api::Responses) {}
    /// True if the field was one of them.
    bool take(std::string_view key, value &field)
    {
        if (!m_isResponse || (key != "status" && key != "incomplete_details"))
            return false;
        if (key == "status")
            takeWord(field, EndReasonMax, m_status);
        else
            takeWordInside(field, "reason", m_reason);
        return true;
    }
    void tell(std::string &endReason) const
    {
        if (!m_reason.empty() || !m_status.empty())
            endReason = m_reason.empty() ? m_status : m_reason;
    }

private:
    bool m_isResponse;
    std::string m_status;
    std::string m_reason;
};

bool isFilled(value &field)
{
    json_type type{};
    if (field.type().get(type))
        return false;
    bool isEmpty = true;
    if (type == json_type::string) {
        std::string_view text;
        return !field.get_string().get(text) && !text.empty();
    }
    if (type == json_type::array) {
        simdjson::ondemand::array list;
        return !field.get_array().get(list) && !list.is_empty().get(isEmpty) && !isEmpty;
    }
    if (type == json_type::object) {
        object fields;
        return !field.get_object().get(fields) && !fields.is_empty().get(isEmpty) && !isEmpty;
    }
    return false;
}

/// What the model made; "reasoning" is what some gateways call "reasoning_content".
bool isContentKey(std::string_view key)
{
    return key == "content" || key == "tool_calls" || key == "reasoning_content" || key == "reasoning" ||
           key == "refusal" || key == "function_call";
}

bool hasContent(value &choice)
{
    bool found = false;
    object fields;
    if (choice.get_object().get(fields))
        return false;
    forEachField(fields, [&found](std::string_view key, value field) {
        object delta;
        if (key != "delta" || field.get_object().get(delta))
            return;
        forEachField(delta, [&found](std::string_view name, value part) {
            if (isContentKey(name) && isFilled(part))
                found = true;
        });
    });
    return found;
}

} // namespace

bool readReply(Api api, std::string_view json, ReplyFacts &facts)
{
    const bool wanted = tellsUsage(api);
    ResponseEnd end(api);
    const bool isWhole = JsonText(json).readFields([&](std::string_view key, value field) {
        if (key == "error")
            takeErrorCode(field, facts.errorCode);
        else if (wanted && !end.take(key, field))
            takeReplyField(api, key, field, facts);
    });
    end.tell(facts.endReason);
    return isWhole;
}

bool readEvent(Api api, std::string_view json, ReplyFacts &facts)
{
    // message_start wraps the message, response.completed the response; the others are flat.
    const std::string_view wrapper = api == Api::Messages    ? "message"
                                     : api == Api::Responses ? "response"
                                                             : std::string_view();
    ResponseEnd end(api);
    const bool isWhole = JsonText(json).readFields([&](std::string_view key, value field) {
        if (wrapper.empty() || key != wrapper) {
            takeReplyField(api, key, field, facts);
            return;
        }
        object inner;
        if (field.get_object().get(inner))
            return;
        forEachField(inner, [&](std::string_view name, value part) {
            if (!end.take(name, part))
                takeReplyField(api, name, part, facts);
        });
    });
    end.tell(facts.endReason);
    return isWhole;
}

std::string eventType(std::string_view json)
{
    std::string type;
    JsonText(json).readFields([&type](std::string_view key, value field) {
        std::string_view text;
        if (key == "type" && !field.get_string().get(text))
            type = text;
    });
    return type;
}

bool hasChatContent(std::string_view json)
{
    bool found = false;
    JsonText(json).readFields([&found](std::string_view key, value field) {
        simdjson::ondemand::array choices;
        if (key != "choices" || field.get_array().get(choices))
            return;
        for (auto entry : choices) {
            value choice;
            if (std::move(entry).get(choice))
                return;
            found = hasContent(choice) || found;
        }
    });
    return found;
}

bool hasError(std::string_view json)
{
    bool found = false;
    JsonText(json).readFields([&found](std::string_view key, value field) {
        json_type type{};
        if (key == "error")
            found = !field.type().get(type) && type != json_type::null;
    });
    return found;
}

} // namespace weir::llm
