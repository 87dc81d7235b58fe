// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/http1_connection.h"

#include "http/limits.h"
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
    if (request.method == "HEAD" || status == 204 || status == 304)
        return BodyFraming::None;
    if (script.head.contentLength)
        return BodyFraming::ContentLength;
    return request.minorVersion == 0 ? BodyFraming::UntilClose : BodyFraming::Chunked;
}

void spoilHead(QByteArray &head, HeadFault fault)
{
    constexpr qsizetype EndSize = 2; // of the empty line
    if (fault == HeadFault::GarbageStatus)
        head.replace(0, head.indexOf("\r\n"), "HTTP/1.1 banana split");
    else if (fault == HeadFault::InjectedField)
        head.insert(head.size() - EndSize, "X-Simulated: one\nX-Injected: two\r\n");
}

} // namespace

Http1Connection::Http1Connection(QTcpSocket *socket, Service &service)
    : Connection(socket), m_exchange(service, *this), m_parser(*this, http::BodyMaxDefault)
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
    m_input.resize(std::max<qint64>(0, socket().read(m_input.data(), ReadBlock)));
    return !m_input.isEmpty();
}

void Http1Connection::onHead(http::RequestHead head)
{
    m_head = std::move(head);
    m_body = QByteArray();
    m_body.reserve(qsizetype(std::min(m_head.contentLength.value_or(0), BodyReserveMax)));
    if (m_head.expectsContinue && m_head.contentLength.value_or(0) <= http::BodyMaxDefault)
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
    m_keepAlive = request.keepAlive && !script.goAwayFirst && m_framing != BodyFraming::UntilClose;
    m_out += http::encodeHead(script.head, m_framing, m_keepAlive);
    spoilHead(m_out, script.headFault);
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
    // Shared with the socket where that can keep it, so a new array rather than a cleared one.
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
