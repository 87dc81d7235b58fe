// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/request_parser.h"

#include "http/message_reader.h"
#include "http/request_rules.h"
#include <algorithm>
#include <string>

namespace weir::http {

using base::Errc;
using base::Error;

struct RequestParser::State final : MessageReader
{
    State(Events &receiver, std::int64_t max)
        : MessageReader(HTTP_REQUEST, settings(), receiver, Errc::MalformedRequest, max,
                        PaddingOf::TheWholeBody)
        , events(receiver)
        , bodyMax(max)
    {
        start();
    }

    using MessageReader::error;
    using MessageReader::feedBody;
    using MessageReader::Phase;
    using MessageReader::phase;
    using MessageReader::scanner;

    Events &events;
    const std::int64_t bodyMax;
    std::string headBytes; // of a head that did not come in one piece, or is not valid
    RequestHead head;
    std::string_view fieldName;
    std::string trailerName; // of the field being read; it may come in parts
    bool headParsed = false;

    void start()
    {
        startMessage({});
        headBytes.clear();
        head = {};
        fieldName = {};
        trailerName.clear();
        headParsed = false;
    }

    base::Result<std::size_t> feedHead(std::string_view data);
    base::Result<void> parseHead(std::string_view whole);
    bool endTrailerName();

    static const llhttp_settings_t &settings();
    static State &of(llhttp_t *parser)
    {
        return static_cast<State &>(*static_cast<MessageReader *>(parser->data));
    }
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
        addBodyTo(s);
        return s;
    }();
    return table;
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
    if (!scanned) {
        headBytes.append(data);
        return fail(scanned.error());
    }
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
    if (const auto parsed = parseHead(whole); !parsed) {
        headBytes = std::string(whole);
        return fail(parsed.error());
    }
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

std::string_view RequestParser::method() const
{
    std::string_view line = m_state->headBytes;
    line.remove_prefix(std::min(line.find_first_not_of("\r\n"), line.size()));
    const std::size_t blank = line.find(' ');
    return blank == std::string_view::npos ? std::string_view{} : line.substr(0, blank);
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
