// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/reply_meter.h"

#include "llm/condensed_json.h"
#include "llm/decoder.h"
#include "llm/json_fields.h"
#include "llm/reply_shape.h"
#include "llm/sse_scanner.h"
#include "llm/usage_reader.h"
#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace weir::llm {

namespace {

/// The end of a stream of ChatCompletions.
constexpr std::string_view Done = "[DONE]";

/// The rest of `text` behind `token`, blanks skipped; "" if it does not begin with it.
std::string_view behind(std::string_view text, std::string_view token)
{
    text = withoutLeadingBlanks(text);
    return text.starts_with(token) ? withoutLeadingBlanks(text.substr(token.size())) : std::string_view();
}

/// The type that begins the data of an event ({"type":"…"), which costs no parsing; "" if it stands
/// elsewhere.
std::string_view leadingType(std::string_view data)
{
    const std::string_view value = behind(behind(behind(data, "{"), R"("type")"), ":");
    return value.starts_with('"') ? value.substr(1, value.find('"', 1) - 1) : std::string_view();
}

/// Looks for a key (with its quotes) in the data of event after event. Skips by the length of the key, where
/// string_view::find() would stop at every quote, of which JSON is full.
class KeyFinder
{
public:
    explicit KeyFinder(std::string_view key) : m_keySize(key.size()), m_searcher(key.begin(), key.end()) {}

    /// True if the key stands somewhere with a value other than null. Inside a text its quotes would be
    /// escaped, so this rarely errs, and then only costs the parsing that it is meant to spare.
    bool mayHold(std::string_view data) const
    {
        while (true) {
            const auto found = std::search(data.begin(), data.end(), m_searcher);
            if (found == data.end())
                return false;
            data.remove_prefix(std::size_t(found - data.begin()) + m_keySize);
            if (!behind(data, ":").starts_with('n'))
                return true;
        }
    }

private:
    std::size_t m_keySize;
    std::boyer_moore_horspool_searcher<std::string_view::const_iterator> m_searcher;
};

const KeyFinder ErrorKey(R"("error")");
const KeyFinder FinishKey(R"("finish_reason")");
const KeyFinder ModelKey(R"("model")");
const KeyFinder UsageKey(R"("usage")");

} // namespace

struct ReplyMeter::State final : SseScanner::Events
{
    State(Api requested, const http::ResponseHead &head) : api(requested), status(head.status)
    {
        shape = shapeOf(head.headers.find("content-type").value_or(std::string_view{}));
        isEventStream = shape == Shape::EventStream;
        const std::optional<Coding> coding = codingOf(head.headers);
        if (coding && *coding != Coding::Identity)
            decoder.emplace(*coding);
        isOpaque = !coding; // Weir has not asked for it
        if (isOpaque)
            shape = Shape::Unreadable;
    }

    const Api api;
    const int status;
    Shape shape = Shape::Unreadable;
    bool isEventStream = false;
    bool isOpaque = false;
    std::optional<Decoder> decoder; // of an encoded body
    SseScanner scanner{*this, JsonBytesMax};
    CondensedJson json;
    std::string typeInside;
    ReplyFacts facts;
    std::int64_t streamedTokens = 0;
    std::int64_t unreadBytes = 0;
    std::size_t smallestEvent = JsonBytesMax; // with content
    bool isShapeSure = false;                 // the first byte has been looked at
    bool hasBegun = false;                    // an event of its dialect has come
    bool seenContent = false;
    bool seenError = false;
    bool seenEnd = false;
    bool atEnd = false; // the last byte has passed
    Completeness completeness = Completeness::Unknown;

    void onEvent(std::string_view event, std::string_view data, std::size_t size) override
    {
        data = withoutBlanksBehind(data);
        // An event whose blank line never came may have been cut in its data.
        if (atEnd && data != Done && !isClosedJson(data))
            return;
        hasBegun = hasBegun || data.starts_with('{');
        if (event == "message")
            event = {}; // the name that unnamed events have anyway
        switch (api) {
        case Api::Messages:
            onMessagesEvent(typeOf(event, data), data, size);
            break;
        case Api::ChatCompletions:
        case Api::Completions:
            onChatEvent(event, data, size);
            break;
        case Api::Responses:
            onResponsesEvent(typeOf(event, data), data, size);
            break;
        case Api::Embeddings:
        case Api::Other: // images and speech can be streamed, too
            if (UsageKey.mayHold(data))
                readEvent(api, data, facts);
            break;
        case Api::CountTokens:
        case Api::Models:
        case Api::Lookup:
            break;
        }
    }

    /// The type of an event: its name, or what its data calls it. Borrowed until the next call.
    std::string_view typeOf(std::string_view event, std::string_view data)
    {
        if (!event.empty())
            return event;
        const std::string_view leading = leadingType(data);
        if (!leading.empty())
            return leading;
        typeInside = eventType(data);
        return typeInside;
    }

    // The order of the tests is the order of frequency: a delta costs no parsing.
    void onMessagesEvent(std::string_view type, std::string_view data, std::size_t size)
    {
        if (type == "content_block_delta") {
            noteContent(size);
        } else if (type == "message_start" || type == "message_delta") {
            readEvent(api, data, facts);
        } else if (type == "message_stop") {
            seenEnd = true;
        } else if (type == "error") {
            readEvent(api, data, facts);
            seenError = seenEnd = true;
        }
    }

    void onChatEvent(std::string_view event, std::string_view data, std::size_t size)
    {
        if (data == Done) {
            seenEnd = true;
            return;
        }
        if (event == "error" || (ErrorKey.mayHold(data) && hasError(data))) {
            readEvent(api, data, facts);
            seenError = seenEnd = true;
            return;
        }
        if (UsageKey.mayHold(data) || FinishKey.mayHold(data) ||
            (facts.model.empty() && ModelKey.mayHold(data)))
            readEvent(api, data, facts);
        if (seenContent || hasChatContent(data))
            noteContent(size);
    }

    void onResponsesEvent(std::string_view type, std::string_view data, std::size_t size)
    {
        if (type.ends_with(".delta")) {
            noteContent(size);
        } else if (type == "response.completed" || type == "response.incomplete" ||
                   type == "response.failed") {
            readEvent(api, data, facts);
            seenEnd = true;
            seenError = seenError || type == "response.failed";
        } else if (type == "error") {
            readEvent(api, data, facts);
            seenError = seenEnd = true;
        }
    }

    void noteContent(std::size_t size)
    {
        seenContent = true;
        smallestEvent = std::min(smallestEvent, size);
        streamedTokens += 1 + tokensIn(size - smallestEvent);
    }

    static std::int64_t tokensIn(std::size_t bytes) { return std::int64_t(bytes / 4); }

    /// The APIs that generate text, and whose streams therefore have an end event.
    bool showsItsEnd() const
    {
        return api == Api::Messages || api == Api::ChatCompletions || api == Api::Completions ||
               api == Api::Responses;
    }

    Completeness completenessOfStream() const
    {
        // Some servers have no end event, but all say why they stopped.
        if (seenEnd || !facts.endReason.empty())
            return Completeness::Complete;
        return hasBegun && status < 400 && !scanner.hasSkipped() ? Completeness::Incomplete
                                                                 : Completeness::Unshown;
    }

    void finish()
    {
        atEnd = true;
        if (json.size() > 0 && !isShapeSure)
            readBeginning({});
        switch (shape) {
        case Shape::EventStream:
            scanner.finish();
            if (showsItsEnd())
                completeness = completenessOfStream();
            break;
        case Shape::Json:
            finishJson();
            break;
        case Shape::Unreadable:
            streamedTokens += unreadBytes / 4;
            break;
        }
    }

    void finishJson()
    {
        const bool isAnswer = status < 400;
        const bool isRead = isAnswer ? readReply(api, json.text(), facts) : readError(json.text(), facts);
        const bool isWhole = isRead || isClosedJson(json.text());
        completeness = isWhole ? Completeness::Complete : Completeness::Unshown;
        seenError = isAnswer && showsItsEnd() && facts.hasError;
        const bool isRefusal = seenError && facts.endReason.empty();
        seenContent = isWhole && isAnswer && showsItsEnd() && !isRefusal;
        streamedTokens = tokensIn(json.size());
        json.clear();
    }

    /// Some servers call an event stream JSON, and the other way round. `json` keeps what does not tell yet.
    void readBeginning(std::string_view bytes)
    {
        std::string held(json.text());
        json.clear();
        if (!held.empty())
            bytes = held.append(bytes);
        const std::optional<Shape> shown = shapeByBeginning(shape, bytes);
        if (!shown && !atEnd) {
            json.append(bytes);
            return;
        }
        isShapeSure = true;
        shape = shown.value_or(shape);
        read(withoutMark(bytes));
    }

    void read(std::string_view bytes)
    {
        if (!isShapeSure && shape != Shape::Unreadable) {
            readBeginning(bytes);
            return;
        }
        switch (shape) {
        case Shape::EventStream:
            scanner.feed(bytes);
            break;
        case Shape::Json:
            json.append(bytes);
            if (json.text().size() > JsonBytesMax)
                giveUp();
            break;
        case Shape::Unreadable:
            unreadBytes += std::int64_t(bytes.size());
            break;
        }
    }

    void decode(std::string_view bytes)
    {
        while (shape != Shape::Unreadable) {
            const std::string_view plain = decoder->next(bytes);
            if (plain.empty())
                break;
            read(plain);
        }
        if (decoder->isBroken()) {
            isOpaque = true;
            giveUp();
        }
    }

    /// What was seen stays known; whether more followed does not.
    void giveUp()
    {
        unreadBytes += std::int64_t(json.size());
        shape = Shape::Unreadable;
        json.clear();
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
    if (m_state->decoder)
        m_state->decode(bytes);
    else
        m_state->read(bytes);
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

bool ReplyMeter::isOpaque() const
{
    return m_state->isOpaque;
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

std::int64_t ReplyMeter::streamedTokens() const
{
    return m_state->streamedTokens;
}

const std::string &ReplyMeter::model() const
{
    return m_state->facts.model;
}

const std::string &ReplyMeter::endReason() const
{
    return m_state->facts.endReason;
}

const std::string &ReplyMeter::errorCode() const
{
    return m_state->facts.errorCode;
}

} // namespace weir::llm
