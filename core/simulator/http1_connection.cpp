// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/http1_connection.h"

#include "http/limits.h"
#include "simulator/json_text.h"
#include "simulator/replies.h"
#include <algorithm>
#include <QTcpSocket>
#include <utility>

namespace weir::simulator {

using base::Errc;
using http::BodyFraming;

namespace {

constexpr qsizetype ReadBlock = 16 * 1024;
/// Announced length up to which room for a body is made beforehand.
constexpr std::int64_t BodyReserveMax = 1024 * 1024;

int statusFor(Errc code)
{
    switch (code) {
    case Errc::TargetTooLong:
        return 414;
    case Errc::HeadTooLarge:
        return 431;
    case Errc::BodyTooLarge:
        return 413;
    case Errc::MethodNotAllowed:
        return 405;
    case Errc::ExpectationFailed:
        return 417;
    default:
        return 400;
    }
}

BodyFraming framingFor(const Script &script, const http::RequestHead &request)
{
    const int status = script.head.status;
    if (script.isRawBody || request.method == "HEAD" || status == 204 || status == 304)
        return BodyFraming::None;
    if (script.head.contentLength)
        return BodyFraming::ContentLength;
    return request.minorVersion == 0 ? BodyFraming::UntilClose : BodyFraming::Chunked;
}

/// What the script wants of the head beyond what may be said.
void spoilHead(QByteArray &head, const Script &script)
{
    constexpr qsizetype EndSize = 2; // of the empty line
    if (script.statusText)
        head.replace(0, head.indexOf("\r\n"), "HTTP/1.1 " + *script.statusText);
    head.insert(head.size() - EndSize, script.rawFields);
}

QByteArray interimHead(int status)
{
    const std::string_view phrase = status == 100 ? "Continue" : "Early Hints";
    return concat("HTTP/1.1 ", status, " ", phrase, "\r\n\r\n");
}

} // namespace

Http1Connection::Http1Connection(QTcpSocket *socket, Service &service, std::int64_t bodyMax)
    : Connection(socket), m_exchange(service, *this), m_bodyMax(bodyMax), m_parser(*this, bodyMax)
{
}

void Http1Connection::read()
{
    if (std::exchange(m_isReading, true))
        return;
    // While a reply is under way the rest stays with the socket: its read buffer is the bound.
    while (!m_exchange.isActive() && !isClosing()) {
        if (m_inputAt == m_input.size() && !fillInput())
            break;
        if (m_closesAtNext) {
            closeAfterFlush();
            break;
        }
        const std::string_view data(m_input.constData() + m_inputAt, std::size_t(m_input.size() - m_inputAt));
        const auto used = m_parser.feed(data);
        if (!used) {
            refuse(used.error());
            break;
        }
        m_inputAt += qsizetype(*used);
        if (m_parser.isComplete())
            answer();
    }
    m_isReading = false;
}

bool Http1Connection::fillInput()
{
    m_input.resize(ReadBlock);
    m_inputAt = 0;
    m_input.resize(std::max<qint64>(0, take(m_input.data(), ReadBlock)));
    return !m_input.isEmpty();
}

void Http1Connection::onHead(http::RequestHead head)
{
    m_head = std::move(head);
    m_body = QByteArray();
    m_body.reserve(qsizetype(std::min(m_head.contentLength.value_or(0), BodyReserveMax)));
    if (m_head.expectsContinue && m_head.contentLength.value_or(0) <= m_bodyMax)
        writeNow(QByteArrayLiteral("HTTP/1.1 100 Continue\r\n\r\n"));
}

void Http1Connection::onBody(std::string_view bytes)
{
    m_body.append(bytes.data(), qsizetype(bytes.size()));
}

void Http1Connection::answer()
{
    m_parser.next();
    m_isEnding = false;
    m_framing = BodyFraming::None; // of a body without a head, too
    m_keepAlive = m_head.keepAlive;
    m_exchange.start(Request{std::move(m_head), std::move(m_body), false, isTls()});
}

/// Not a request: nothing is reported as having arrived.
void Http1Connection::refuse(const base::Error &error)
{
    const Script script = errorReply(llm::Dialect::OpenAi, statusFor(error.code), base::describe(error), 0);
    writeNow(http::encodeHead(script.head, BodyFraming::ContentLength, false) + script.pieces.front().bytes);
    closeAfterFlush();
}

void Http1Connection::begin(const Script &script)
{
    const http::RequestHead &request = m_exchange.request().head;
    m_framing = framingFor(script, request);
    m_closesAtNext = script.closesAtNext;
    ++m_replies;
    const bool goesAway = script.goAwayEvery > 0 && m_replies % script.goAwayEvery == 0;
    m_keepAlive = request.keepAlive && !goesAway && m_framing != BodyFraming::UntilClose;
    if (script.interimStatus)
        m_out += interimHead(script.interimStatus);
    QByteArray head = http::encodeHead(script.head, m_framing, m_keepAlive);
    if (script.statusText || !script.rawFields.isEmpty())
        spoilHead(head, script);
    m_out += head;
}

void Http1Connection::write(const QByteArray &bytes)
{
    if (bytes.isEmpty())
        return;
    m_out += m_framing == BodyFraming::Chunked ? http::encodeChunk(bytes) : bytes;
}

void Http1Connection::flush()
{
    if (m_out.isEmpty())
        return;
    // A new array rather than a cleared one: the socket may tell of the writing while it is on the stack, and
    // the next reply begin.
    writeNow(std::exchange(m_out, QByteArray()));
}

void Http1Connection::end(Ending ending)
{
    if (ending == Ending::Regular && m_framing == BodyFraming::Chunked)
        m_out += http::encodeLastChunk();
    m_ending = ending;
    m_isEnding = true;
    flush();
    settle();
}

/// Carries the ending out as soon as the kernel has all that comes before it.
void Http1Connection::settle()
{
    if (!m_isEnding || m_ending == Ending::Silence || pendingBytes() > 0)
        return;
    m_isEnding = false;
    if (m_ending == Ending::Regular) {
        m_exchange.finish();
        if (m_keepAlive)
            read();
        else
            closeAfterFlush();
        return;
    }
    m_exchange.abandon();
    if (m_ending == Ending::Reset)
        reset();
    else
        closeAfterFlush();
}

void Http1Connection::onWritten()
{
    settle();
    m_exchange.resume();
}

void Http1Connection::onClosed()
{
    m_exchange.cancel();
}

} // namespace weir::simulator
