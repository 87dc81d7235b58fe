// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/reply_meter.h"

#include "llm/sse_scanner.h"
#include "llm/usage_reader.h"

namespace weir::llm {

namespace {

/// What kind of body it is, as far as it can be read.
enum class Shape
{
    EventStream,
    Json,
    Unreadable
};

bool isType(std::string_view contentType, std::string_view type)
{
    return http::equalsIgnoreCase(contentType.substr(0, type.size()), type);
}

/// The type of an event: its name, or the "type" that begins its data where the event is unnamed.
std::string_view typeOf(std::string_view event, std::string_view data)
{
    constexpr std::string_view Beginning = R"({"type":")";
    if (!event.empty() || !data.starts_with(Beginning))
        return event;
    data.remove_prefix(Beginning.size());
    return data.substr(0, data.find('"'));
}

} // namespace

struct ReplyMeter::State final : SseScanner::Events
{
    State(Api requested, const http::ResponseHead &head) : api(requested), status(head.status)
    {
        const std::string_view type = head.headers.find("content-type").value_or(std::string_view{});
        const std::string_view encoding = head.headers.find("content-encoding").value_or("identity");
        isEventStream = isType(type, "text/event-stream");
        if (!http::equalsIgnoreCase(encoding, "identity"))
            shape = Shape::Unreadable;
        else if (isEventStream)
            shape = Shape::EventStream;
        else if (isType(type, "application/json"))
            shape = Shape::Json;
    }

    const Api api;
    const int status;
    Shape shape = Shape::Unreadable;
    bool isEventStream = false;
    SseScanner scanner{*this, EventBytesMax};
    std::string json;
    ReplyFacts facts;
    bool seenContent = false;
    bool seenError = false;
    bool seenEnd = false;
    Completeness completeness = Completeness::Unknown;

    void onEvent(std::string_view event, std::string_view data) override
    {
        switch (api) {
        case Api::Messages:
            onMessagesEvent(typeOf(event, data), data);
            break;
        case Api::ChatCompletions:
            onChatEvent(data);
            break;
        case Api::Responses:
            onResponsesEvent(typeOf(event, data), data);
            break;
        default:
            break;
        }
    }

    // The order of the tests is the order of frequency: a delta costs no parsing.
    void onMessagesEvent(std::string_view type, std::string_view data)
    {
        if (type == "content_block_delta") {
            seenContent = true;
        } else if (type == "message_start" || type == "message_delta") {
            readEvent(api, data, facts);
        } else if (type == "message_stop") {
            seenEnd = true;
        } else if (type == "error") {
            seenError = seenEnd = true;
        }
    }

    void onChatEvent(std::string_view data)
    {
        if (data == "[DONE]") {
            seenEnd = true;
            return;
        }
        if (data.starts_with(R"({"error")")) {
            seenError = seenEnd = true;
            return;
        }
        const bool wantsModel = facts.model.empty();
        if (wantsModel || data.find(R"("usage")") != std::string_view::npos)
            readEvent(api, data, facts);
        if (!seenContent)
            seenContent = hasChatContent(data);
    }

    void onResponsesEvent(std::string_view type, std::string_view data)
    {
        if (type.ends_with(".delta")) {
            seenContent = true;
        } else if (type == "response.completed" || type == "response.incomplete" ||
                   type == "response.failed") {
            readEvent(api, data, facts);
            seenEnd = true;
            seenError = type == "response.failed";
        } else if (type == "error") {
            seenError = seenEnd = true;
        }
    }

    bool showsItsEnd() const
    {
        return api == Api::Messages || api == Api::ChatCompletions || api == Api::Responses;
    }

    void finish()
    {
        switch (shape) {
        case Shape::EventStream:
            if (showsItsEnd())
                completeness = seenEnd ? Completeness::Complete : Completeness::Incomplete;
            break;
        case Shape::Json: {
            const bool isWhole = readReply(status < 400 ? api : Api::Other, json, facts);
            completeness = isWhole ? Completeness::Complete : Completeness::Incomplete;
            json = {};
            break;
        }
        case Shape::Unreadable:
            break;
        }
    }
};

ReplyMeter::ReplyMeter(Api api, const http::ResponseHead &head) : m_state(std::make_unique<State>(api, head))
{
}
ReplyMeter::~ReplyMeter() = default;
ReplyMeter::ReplyMeter(ReplyMeter &&) noexcept = default;
ReplyMeter &ReplyMeter::operator=(ReplyMeter &&) noexcept = default;

void ReplyMeter::feed(std::string_view bytes)
{
    switch (m_state->shape) {
    case Shape::EventStream:
        m_state->scanner.feed(bytes);
        break;
    case Shape::Json:
        if (m_state->json.size() + bytes.size() > JsonBytesMax) {
            m_state->shape = Shape::Unreadable;
            m_state->json = {};
        } else {
            m_state->json.append(bytes);
        }
        break;
    case Shape::Unreadable:
        break;
    }
}

void ReplyMeter::finish()
{
    m_state->finish();
}

bool ReplyMeter::isEventStream() const
{
    return m_state->isEventStream;
}

bool ReplyMeter::hasSeenContent() const
{
    return m_state->seenContent;
}

bool ReplyMeter::hasSeenError() const
{
    return m_state->seenError;
}

Completeness ReplyMeter::completeness() const
{
    return m_state->completeness;
}

const TokenUsage &ReplyMeter::usage() const
{
    return m_state->facts.usage;
}

const std::string &ReplyMeter::model() const
{
    return m_state->facts.model;
}

} // namespace weir::llm
