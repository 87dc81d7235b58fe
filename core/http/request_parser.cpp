// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/request_parser.h"

#include "http/head_scanner.h"
#include "http/limits.h"
#include "http/request_rules.h"
#include <algorithm>
#include <limits>
#include <llhttp.h>
#include <string>

namespace weir::http {

using base::Errc;
using base::Error;

namespace {

/// Bytes between two pieces of a body that a plain chunk needs: two line ends and 16 digits, or the last
/// chunk after it.
constexpr std::size_t GapFree = 32;

} // namespace

struct RequestParser::State
{
    State(Events &receiver, std::int64_t max) : events(receiver), bodyMax(max) { start(); }

    enum class Phase
    {
        Head,
        Body,
        Trailers,
        Complete,
        Failed
    };

    Events &events;
    const std::int64_t bodyMax;
    Phase phase = Phase::Head;
    HeadScanner scanner;
    std::string headBytes; // of a head that did not come in one piece
    llhttp_t parser;
    RequestHead head;
    std::string_view fieldName;
    std::int64_t bodySize = 0;    // of all chunks announced
    const char *unseen = nullptr; // end of the last body byte in the data being fed, or its beginning
    std::size_t gapSize = 0;      // bytes since the last body byte
    std::size_t paddingSize = 0;  // what all gaps but the one being read are too long
    std::string trailerName;      // of the field being read; it may come in parts
    bool headParsed = false;
    Error error;

    void start()
    {
        llhttp_init(&parser, HTTP_REQUEST, &settings());
        parser.data = this;
        phase = Phase::Head;
        scanner.reset();
        headBytes.clear();
        head = {};
        fieldName = {};
        bodySize = 0;
        gapSize = 0;
        paddingSize = 0;
        trailerName.clear();
        headParsed = false;
    }

    base::Unexpected fail(Error why)
    {
        phase = Phase::Failed;
        error = std::move(why);
        return base::Unexpected{error};
    }

    base::Result<std::size_t> feedHead(std::string_view data);
    base::Result<std::size_t> feedBody(std::string_view data);
    base::Result<void> parseHead(std::string_view whole);
    base::Result<std::size_t> execute(std::string_view data);
    bool announceChunk(std::uint64_t size);
    bool isPaddingTooLong(std::size_t gap);
    bool endTrailerName();

    static const llhttp_settings_t &settings();
    static State &of(llhttp_t *parser) { return *static_cast<State *>(parser->data); }
};

const llhttp_settings_t &RequestParser::State::settings()
{
    static const llhttp_settings_t table = [] {
        llhttp_settings_t s;
        llhttp_settings_init(&s);
        s.on_url = [](llhttp_t *p, const char *at, size_t size) {
            of(p).head.target.append(at, size);
            return 0;
        };
        s.on_header_field = [](llhttp_t *p, const char *at, size_t size) {
            State &state = of(p);
            if (state.headParsed) { // a trailer: looked at and dropped
                state.trailerName.append(at, size);
                return 0;
            }
            state.fieldName = {at, size}; // the head is fed in one piece, so the view stays good
            return 0;
        };
        s.on_header_field_complete = [](llhttp_t *p) {
            State &state = of(p);
            return !state.headParsed || state.endTrailerName() ? 0 : -1;
        };
        s.on_header_value = [](llhttp_t *p, const char *at, size_t size) {
            State &state = of(p);
            if (state.headParsed)
                return 0;
            std::string_view value(at, size);
            while (!value.empty() && (value.back() == ' ' || value.back() == '\t'))
                value.remove_suffix(1);
            state.head.headers.add(state.fieldName, value);
            return 0;
        };
        s.on_headers_complete = [](llhttp_t *p) {
            of(p).headParsed = true;
            return 0;
        };
        s.on_chunk_header = [](llhttp_t *p) {
            State &state = of(p);
            if (p->content_length == 0) {
                state.phase = Phase::Trailers;
                state.scanner = HeadScanner::forTrailers();
                return int(HPE_PAUSED); // what follows is scanned first
            }
            return state.announceChunk(p->content_length) ? 0 : -1;
        };
        s.on_body = [](llhttp_t *p, const char *at, size_t size) {
            State &state = of(p);
            const std::size_t gap = state.gapSize + std::size_t(at - state.unseen);
            if (state.isPaddingTooLong(gap))
                return -1;
            state.paddingSize += gap - std::min(gap, GapFree);
            state.gapSize = 0;
            state.unseen = at + size;
            state.events.onBody({at, size});
            return 0;
        };
        s.on_message_complete = [](llhttp_t *p) {
            of(p).phase = Phase::Complete;
            return int(HPE_PAUSED); // what follows is another message
        };
        return s;
    }();
    return table;
}

bool RequestParser::State::announceChunk(std::uint64_t size)
{
    if (size > std::uint64_t(std::numeric_limits<std::int64_t>::max())) {
        error = {Errc::MalformedRequest, "no chunk is this long"};
        return false;
    }
    if (std::int64_t(size) > bodyMax - bodySize) {
        error = {Errc::BodyTooLarge, std::to_string(bodyMax) + " bytes"};
        return false;
    }
    bodySize += std::int64_t(size);
    return true;
}

/// Extensions, zeros before a chunk's size and trailers carry nothing, so only little of them is read.
bool RequestParser::State::isPaddingTooLong(std::size_t gap)
{
    if (paddingSize + gap - std::min(gap, GapFree) <= ChunkPaddingMax)
        return false;
    error = {Errc::MalformedRequest, "chunk sizes, extensions and trailers are too long"};
    return true;
}

bool RequestParser::State::endTrailerName()
{
    // RFC 9110 §6.5.1: a trailer must not say how the message is framed.
    const std::string name = std::exchange(trailerName, {});
    for (const std::string_view framing : {"content-length", "transfer-encoding", "host"}) {
        if (equalsIgnoreCase(name, framing)) {
            error = {Errc::MalformedRequest, "a framing field in the trailer"};
            return false;
        }
    }
    return true;
}

base::Result<std::size_t> RequestParser::State::feedHead(std::string_view data)
{
    const auto scanned = scanner.scan(data);
    if (!scanned)
        return fail(scanned.error());
    const std::string_view part = data.substr(0, *scanned);
    if (!scanner.isComplete()) {
        headBytes.append(part);
        return part.size();
    }
    std::string_view whole = part;
    if (!headBytes.empty()) {
        headBytes.append(part);
        whole = headBytes;
    }
    if (const auto parsed = parseHead(whole); !parsed)
        return fail(parsed.error());
    return part.size();
}

base::Result<void> RequestParser::State::parseHead(std::string_view whole)
{
    whole.remove_prefix(std::min(whole.find_first_not_of("\r\n"), whole.size()));
    // llhttp knows more protocols than this one.
    const std::string_view line = whole.substr(0, whole.find('\r'));
    const std::string_view version = line.substr(line.rfind(' ') + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return malformed("not HTTP/1.0 or HTTP/1.1");
    const auto executed = execute(whole);
    if (!executed)
        return base::Unexpected{executed.error()};
    if (!headParsed)
        return malformed("incomplete head");
    head.method = llhttp_method_name(llhttp_method_t(parser.method));
    head.minorVersion = parser.http_minor;
    if (const auto checked = checkRequest(head); !checked)
        return checked;
    const std::int64_t announced = head.contentLength.value_or(0);
    const bool isComplete = phase == Phase::Complete;
    if (!isComplete)
        phase = Phase::Body;
    events.onHead(std::move(head));
    if (announced > bodyMax)
        return base::unexpected(Errc::BodyTooLarge, std::to_string(announced) + " of at most " +
                                                        std::to_string(bodyMax) + " bytes");
    if (isComplete)
        events.onEnd();
    return {};
}

base::Result<std::size_t> RequestParser::State::feedBody(std::string_view data)
{
    unseen = data.data();
    std::size_t used = 0;
    while (used < data.size() && (phase == Phase::Body || phase == Phase::Trailers)) {
        std::string_view part = data.substr(used);
        if (phase == Phase::Trailers) {
            const auto scanned = scanner.scan(part);
            if (!scanned)
                return fail({Errc::MalformedRequest, scanned.error().detail});
            part = part.substr(0, *scanned);
        }
        const auto executed = execute(part);
        if (!executed)
            return fail(executed.error());
        used += *executed;
    }
    gapSize += std::size_t(data.data() + used - unseen);
    if (isPaddingTooLong(gapSize))
        return fail(error);
    if (phase == Phase::Complete)
        events.onEnd();
    return used;
}

base::Result<std::size_t> RequestParser::State::execute(std::string_view data)
{
    error = {};
    const llhttp_errno_t code = llhttp_execute(&parser, data.data(), data.size());
    if (code == HPE_OK)
        return data.size();
    // An Upgrade that nobody asked us to understand is a message like any other.
    const bool isPaused = code == HPE_PAUSED || code == HPE_PAUSED_UPGRADE;
    if (isPaused && (phase == Phase::Complete || phase == Phase::Trailers)) {
        const char *const stop = llhttp_get_error_pos(&parser);
        llhttp_resume(&parser);
        return std::size_t(stop - data.data());
    }
    if (error.code != Errc::None)
        return base::Unexpected{error};
    const char *reason = llhttp_get_error_reason(&parser);
    return malformed(reason ? reason : llhttp_errno_name(code));
}

RequestParser::RequestParser(Events &events, std::int64_t bodyMax)
    : m_state(std::make_unique<State>(events, bodyMax))
{
}

RequestParser::~RequestParser() = default;

base::Result<std::size_t> RequestParser::feed(std::string_view data)
{
    switch (m_state->phase) {
    case State::Phase::Head:
        return m_state->feedHead(data);
    case State::Phase::Body:
    case State::Phase::Trailers:
        return m_state->feedBody(data);
    case State::Phase::Complete:
        return std::size_t(0);
    case State::Phase::Failed:
        break;
    }
    return base::Unexpected{m_state->error};
}

void RequestParser::next()
{
    m_state->start();
}

bool RequestParser::isIdle() const
{
    return m_state->phase == State::Phase::Head && m_state->scanner.isUntouched();
}

bool RequestParser::isInBody() const
{
    return m_state->phase == State::Phase::Body || m_state->phase == State::Phase::Trailers;
}

bool RequestParser::isComplete() const
{
    return m_state->phase == State::Phase::Complete;
}

} // namespace weir::http
