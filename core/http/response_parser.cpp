// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/response_parser.h"

#include "http/message_reader.h"
#include <algorithm>
#include <string>
#include <utility>

namespace weir::http {

using base::Errc;
using base::Error;

namespace {

constexpr std::string_view VersionStart = "HTTP/1.";
/// "HTTP/1.1 200"
constexpr std::size_t StatusLineMin = 12;
/// More digits do not fit into 63 bits.
constexpr std::size_t LengthDigitsMax = 18;

bool isDigit(char character)
{
    return character >= '0' && character <= '9';
}

bool isStatusLine(std::string_view line)
{
    return line.size() >= StatusLineMin && line.starts_with(VersionStart) &&
           (line[7] == '0' || line[7] == '1') && line[8] == ' ' && isDigit(line[9]) && isDigit(line[10]) &&
           isDigit(line[11]) && (line.size() == StatusLineMin || line[StatusLineMin] == ' ');
}

} // namespace

struct ResponseParser::State final : MessageReader
{
    explicit State(Events &receiver)
        : MessageReader(HTTP_RESPONSE, settings(), receiver, Errc::UpstreamProtocol, NoBodyMax,
                        PaddingOf::EachGap)
        , events(receiver)
    {
        start();
    }

    using MessageReader::error;
    using MessageReader::fail;
    using MessageReader::feedBody;
    using MessageReader::Phase;
    using MessageReader::phase;

    Events &events;
    bool toHead = false;
    std::string headBytes; // of a head that did not come in one piece
    ResponseHead head;
    std::string_view fieldName;
    int interimCount = 0;
    bool headParsed = false;
    bool untilClose = false;
    bool keepAlive = false;
    bool anySeen = false;

    void start()
    {
        startMessage(HeadScanner::forResponse());
        headBytes.clear();
        head = {};
        fieldName = {};
        headParsed = false;
    }

    /// A reply that has none whatever its head says (RFC 9112 §6.3).
    bool hasNoBody() const { return toHead || head.status == 204 || head.status == 304; }

    base::Result<std::size_t> feedHead(std::string_view data);
    base::Result<void> parseHead(std::string_view whole);
    base::Result<void> checkHead();

    static const llhttp_settings_t &settings();
    static State &of(llhttp_t *parser)
    {
        return static_cast<State &>(*static_cast<MessageReader *>(parser->data));
    }
};

const llhttp_settings_t &ResponseParser::State::settings()
{
    static const llhttp_settings_t table = [] {
        llhttp_settings_t s;
        llhttp_settings_init(&s);
        s.on_header_field = [](llhttp_t *p, const char *at, size_t size) {
            if (!of(p).headParsed)            // else a trailer, which is dropped
                of(p).fieldName = {at, size}; // the head is fed in one piece, so the view stays good
            return 0;
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
            State &state = of(p);
            state.headParsed = true;
            state.head.status = p->status_code;
            return state.hasNoBody() || p->status_code < 200 ? 1 : 0; // 1 = what follows is no body
        };
        addBodyTo(s);
        return s;
    }();
    return table;
}

base::Result<std::size_t> ResponseParser::State::feedHead(std::string_view data)
{
    anySeen = anySeen || !data.empty();
    const auto scanned = scanner.scan(data);
    if (!scanned)
        return fail({Errc::UpstreamProtocol, scanned.error().detail});
    const std::string_view part = data.substr(0, *scanned);
    std::string_view seen = part;
    if (!headBytes.empty() || !scanner.isComplete()) {
        headBytes.append(part);
        seen = headBytes;
    }
    // Something else than HTTP might never send what ends a head.
    if (seen.substr(0, VersionStart.size()) != VersionStart.substr(0, seen.size()))
        return fail({Errc::UpstreamProtocol, "not HTTP/1.1"});
    if (!scanner.isComplete())
        return part.size();
    if (const auto parsed = parseHead(seen); !parsed)
        return fail(parsed.error());
    return part.size();
}

base::Result<void> ResponseParser::State::parseHead(std::string_view whole)
{
    if (!isStatusLine(whole.substr(0, whole.find('\r'))))
        return broken("invalid status line");
    if (const auto executed = execute(whole); !executed)
        return base::Unexpected{executed.error()};
    if (!headParsed)
        return broken("incomplete head");
    if (head.status >= 100 && head.status < 200 && head.status != 101) {
        if (++interimCount > InterimMax)
            return broken("more than " + std::to_string(InterimMax) + " interim replies");
        start();
        return {};
    }
    if (const auto checked = checkHead(); !checked)
        return checked;
    const bool isComplete = phase == Phase::Complete;
    if (!isComplete)
        phase = Phase::Body;
    events.onHead(std::move(head));
    if (isComplete)
        events.onEnd();
    return {};
}

/// What RFC 9110 and 9112 ask of a head beyond its grammar.
base::Result<void> ResponseParser::State::checkHead()
{
    if (head.status < 200 || head.status > 599)
        return broken("status " + std::to_string(head.status));
    const std::size_t codings = head.headers.count("transfer-encoding");
    const std::size_t lengths = head.headers.count("content-length");
    const bool isChunked =
        codings == 1 && equalsIgnoreCase(*head.headers.find("transfer-encoding"), "chunked");
    if (codings > 0 && (!isChunked || parser.http_minor == 0))
        return broken("unknown transfer coding");
    if (codings + lengths > 1)
        return broken("more than one length");
    if (const auto length = head.headers.find("content-length")) {
        if (length->empty() || length->size() > LengthDigitsMax ||
            !std::all_of(length->begin(), length->end(), isDigit))
            return broken("invalid Content-Length");
        head.contentLength = std::stoll(std::string(*length));
    }
    if (head.status == 204 && (isChunked || head.contentLength.value_or(0) > 0))
        return broken("a body in a reply of status 204");
    untilClose = !hasNoBody() && !isChunked && lengths == 0;
    head.showsItsEnd = !untilClose;
    const bool mayStay = parser.http_minor == 0 ? head.headers.listContains("connection", "keep-alive")
                                                : !head.headers.listContains("connection", "close");
    keepAlive = mayStay && !untilClose;
    head.headers.remove("content-length");
    head.headers.removeHopByHop();
    return {};
}

ResponseParser::ResponseParser(Events &events) : m_state(std::make_unique<State>(events)) {}

ResponseParser::~ResponseParser() = default;

void ResponseParser::expect(bool toHead)
{
    m_state->start();
    m_state->toHead = toHead;
    m_state->interimCount = 0;
    m_state->untilClose = false;
    m_state->keepAlive = false;
    m_state->anySeen = false;
}

base::Result<std::size_t> ResponseParser::feed(std::string_view data)
{
    std::size_t used = 0;
    while (used < data.size()) {
        State &state = *m_state;
        if (state.phase == State::Phase::Complete)
            break;
        if (state.phase == State::Phase::Failed)
            return base::Unexpected{state.error};
        const auto part = data.substr(used);
        const auto fed = state.phase == State::Phase::Head ? state.feedHead(part) : state.feedBody(part);
        if (!fed)
            return fed;
        used += *fed;
    }
    return used;
}

base::Result<void> ResponseParser::finish()
{
    State &state = *m_state;
    switch (state.phase) {
    case State::Phase::Complete:
        return {};
    case State::Phase::Failed:
        return base::Unexpected{state.error};
    case State::Phase::Head:
        if (!state.anySeen)
            return state.fail({Errc::UpstreamClosed, "before its answer"});
        return state.fail({Errc::UpstreamTruncated, "in the head"});
    case State::Phase::Body:
    case State::Phase::Trailers:
        break;
    }
    if (!state.untilClose)
        return state.fail({Errc::UpstreamTruncated, "in the body"});
    state.phase = State::Phase::Complete;
    state.events.onEnd();
    return {};
}

bool ResponseParser::isComplete() const
{
    return m_state->phase == State::Phase::Complete;
}

bool ResponseParser::keepsAlive() const
{
    return m_state->keepAlive;
}

} // namespace weir::http
