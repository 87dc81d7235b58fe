// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/usage_reader.h"

#include "llm/json_fields.h"
#include "llm/limits.h"
#include "llm/usage_fields.h"
#include <algorithm>
#include <optional>

namespace weir::llm {

namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

bool tellsUsage(Api api)
{
    switch (api) {
    case Api::Messages:
    case Api::ChatCompletions:
    case Api::Responses:
    case Api::Completions:
    case Api::Embeddings:
    case Api::Other: // images, speech, reranking … and what is to come
        return true;
    case Api::CountTokens: // its input_tokens is the answer, nothing was used
    case Api::Models:
    case Api::Lookup: // an answer of before may tell what it took, each time that it is looked at
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
void takeError(value &error, ReplyFacts &facts)
{
    json_type given{};
    facts.hasError = facts.hasError || (!error.type().get(given) && given != json_type::null);
    object fields;
    if (error.get_object().get(fields))
        return;
    std::string &code = facts.errorCode;
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

/// Of the choices of a chat: why each ended; and some servers tell usage there.
void takeChoices(value &choices, ReplyFacts &facts)
{
    simdjson::ondemand::array list;
    if (choices.get_array().get(list))
        return;
    for (auto entry : list) {
        value choice;
        object fields;
        if (std::move(entry).get(choice) || choice.get_object().get(fields))
            return;
        forEachField(fields, [&facts](std::string_view name, value part) {
            if (name == "finish_reason")
                takeWord(part, EndReasonMax, facts.endReason);
            else if (name == "usage")
                readUsage(Api::ChatCompletions, part, facts.usage);
        });
    }
}

/// Usage inside an object of a vendor's own.
void takeUsageInside(Api api, value &field, TokenUsage &usage)
{
    object fields;
    if (field.get_object().get(fields))
        return;
    forEachField(fields, [&](std::string_view name, value part) {
        if (name == "usage")
            readUsage(api, part, usage);
    });
}

/// Takes what says why generating ended, from a field of the whole reply or of an event.
void takeEndReason(Api api, std::string_view key, value &field, std::string &reason)
{
    if (api == Api::Messages && key == "stop_reason")
        takeWord(field, EndReasonMax, reason);
    else if (api == Api::Messages && key == "delta") // of message_delta
        takeWordInside(field, "stop_reason", reason);
}

/// Takes a field of the object that stands for the whole reply.
void takeReplyField(Api api, std::string_view key, value &field, ReplyFacts &facts)
{
    if (key == "usage")
        readUsage(api, field, facts.usage);
    else if ((api == Api::ChatCompletions || api == Api::Completions) && key == "choices")
        takeChoices(field, facts);
    else if (key == "x_groq")
        takeUsageInside(api, field, facts.usage);
    else if (key == "model")
        takeWord(field, ModelNameMax, facts.model);
    else if (key == "error")
        takeError(field, facts);
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
        if (key == "text") // of Completions
            found = isFilled(field) || found;
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

bool readError(std::string_view json, ReplyFacts &facts)
{
    return JsonText(json).readFields([&facts](std::string_view key, value field) {
        if (key == "error")
            takeError(field, facts);
    });
}

bool readReply(Api api, std::string_view json, ReplyFacts &facts)
{
    if (!tellsUsage(api))
        return readError(json, facts);
    ResponseEnd end(api);
    const bool isWhole = JsonText(json).readFields([&](std::string_view key, value field) {
        if (!end.take(key, field))
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
