// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/connection.h"

#include <algorithm>
#include <sys/socket.h>

namespace weir::server {

using base::Errc;
using base::Error;
using http::BodyFraming;

Connection::Connection(QTcpSocket *socket, const Options &options, Handler &handler, const base::Clock &clock)
    : m_socket(socket)
    , m_options(options)
    , m_handler(handler)
    , m_clock(clock)
    , m_parser(*this, options.bodyMax)
{
    m_socket->setParent(this);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_socket->setReadBufferSize(ReadAheadMax);
    m_phaseSince = m_lastRead = m_lastWrite = m_clock.coarseNow();
    connect(m_socket, &QTcpSocket::readyRead, this, &Connection::readSocket);
    connect(m_socket, &QTcpSocket::bytesWritten, this, &Connection::socketWrote);
    // Queued: a write that fails tells of it from within, and whoever gave the bytes is still on the stack.
    connect(m_socket, &QTcpSocket::disconnected, this, &Connection::socketClosed, Qt::QueuedConnection);
}

Connection::~Connection() = default;

// ── client -> handler

void Connection::readSocket()
{
    m_lastRead = m_clock.coarseNow();
    if (m_phase == Phase::Lingering) {
        m_socket->skip(m_socket->bytesAvailable());
        return;
    }
    parse();
}

void Connection::parse()
{
    if (m_parsing || m_closing)
        return; // the loop below goes on by itself
    m_parsing = true;
    while (!m_closing) {
        if (m_bodyPaused || (m_replying && m_bodyEnded))
            break; // what follows waits in the socket: at most one exchange is in work
        if (m_parsed == m_input.size()) {
            // As much as there is: QIODevice makes room for what it is asked for, and a small body would keep
            // it.
            const qint64 size = std::min(m_socket->bytesAvailable(), ReadAheadMax);
            m_input = size > 0 ? m_socket->read(size) : QByteArray();
            m_parsed = 0;
            if (m_input.isEmpty())
                break;
        }
        if (m_phase == Phase::Idle) {
            m_phase = Phase::Head;
            m_phaseSince = m_arrival.headBegan = m_clock.now();
        }
        const auto used =
            m_parser.feed({m_input.constData() + m_parsed, std::size_t(m_input.size() - m_parsed)});
        if (!used) {
            refuse(used.error());
            break;
        }
        m_parsed += qsizetype(*used);
        if (m_head)
            beginExchange();
        if (m_bodyEnded && !m_replying && !m_closing)
            finishExchange(); // the reply was complete before the request
    }
    m_parsing = false;
    if (m_closing)
        m_input.clear();
}

void Connection::onHead(http::RequestHead head)
{
    m_head = std::move(head);
}

void Connection::beginExchange()
{
    http::RequestHead head = std::move(*m_head);
    m_head.reset();
    m_arrival.headDone = m_clock.now();
    m_arrival.localPort = m_socket->localPort();
    m_phase = Phase::Exchange;
    m_replying = true;
    m_headSent = false;
    m_isHeadRequest = head.method == "HEAD";
    m_minorVersionZero = head.minorVersion == 0;
    m_keepAlive = m_keepAlive && head.keepAlive;
    m_awaitsContinue = head.expectsContinue;
    Intake *intake = m_handler.begin(std::move(head), m_arrival, *this);
    // The reply may be over already; then nobody takes the body.
    m_intake = m_replying ? intake : nullptr;
    if (m_bodyEnded && m_intake)
        m_intake->bodyEnd();
}

void Connection::onBody(std::string_view bytes)
{
    m_awaitsContinue = false; // the client did not wait for it
    if (!m_intake)
        return;
    // The whole read handed on without a copy; a part of it has to become a buffer of its own.
    const bool isWholeRead = bytes.data() == m_input.constData() && qsizetype(bytes.size()) == m_input.size();
    m_intake->body(isWholeRead ? m_input : QByteArray(bytes.data(), qsizetype(bytes.size())));
}

void Connection::onEnd()
{
    m_bodyEnded = true;
    if (m_intake)
        m_intake->bodyEnd();
}

void Connection::pauseBody()
{
    m_bodyPaused = true;
}

void Connection::resumeBody()
{
    if (!m_bodyPaused)
        return;
    m_bodyPaused = false;
    m_lastRead = m_clock.coarseNow(); // the client could not send while it was paused
    parse();
}

// ── handler -> client

void Connection::write(const QByteArray &bytes)
{
    if (m_socket->isOpen()) // else socketClosed() is on its way
        m_socket->write(bytes);
}

void Connection::continueBody()
{
    if (!m_awaitsContinue)
        return;
    m_awaitsContinue = false;
    write("HTTP/1.1 100 Continue\r\n\r\n");
    m_socket->flush();
}

void Connection::sendHead(http::ResponseHead head)
{
    Q_ASSERT(m_replying && !m_headSent);
    m_headSent = true;
    // A reply that comes before the request is whole ends the connection: what still arrives would be read as
    // the next one. (With "Expect" the body may never come.)
    if (!m_bodyEnded)
        m_keepAlive = false;
    if (m_isHeadRequest || head.status == 204 || head.status == 304)
        m_framing = BodyFraming::None;
    else if (head.contentLength)
        m_framing = BodyFraming::ContentLength;
    else
        m_framing = m_minorVersionZero ? BodyFraming::UntilClose : BodyFraming::Chunked;
    if (m_framing == BodyFraming::UntilClose)
        m_keepAlive = false;
    m_lastWrite = m_clock.coarseNow();
    // Not flushed: the first chunk follows in the same packet, or the event loop sends it at its next turn.
    write(http::encodeHead(head, m_framing, m_keepAlive));
}

void Connection::sendChunk(QByteArray bytes)
{
    Q_ASSERT(m_headSent);
    if (bytes.isEmpty() || m_framing == BodyFraming::None)
        return;
    if (m_socket->bytesToWrite() == 0)
        m_lastWrite = m_clock.coarseNow();
    write(m_framing == BodyFraming::Chunked ? http::encodeChunk(bytes) : bytes);
    m_socket->flush();
    if (m_socket->bytesToWrite() > HighWatermark)
        m_full = true;
}

void Connection::end()
{
    Q_ASSERT(m_headSent);
    if (m_framing == BodyFraming::Chunked)
        write(http::encodeLastChunk());
    m_socket->flush();
    m_intake = nullptr;
    m_replying = false;
    m_full = false;
    m_bodyPaused = false;
    if (!m_bodyEnded) {
        linger();
        return;
    }
    if (!m_parsing) {
        finishExchange();
        parse();
    } // else parse() sees it
}

void Connection::cut()
{
    m_intake = nullptr;
    m_replying = false;
    m_closing = true;
    // What has been written is still delivered; the missing end shows that the reply is not whole.
    m_socket->disconnectFromHost();
}

bool Connection::isFull() const
{
    return m_full;
}

void Connection::finishExchange()
{
    m_bodyEnded = false;
    if (!m_keepAlive) {
        linger();
        return;
    }
    m_parser.next();
    m_phase = Phase::Idle;
    m_phaseSince = m_clock.coarseNow();
}

void Connection::refuse(const Error &why)
{
    m_keepAlive = false;
    if (m_intake) { // an exchange is in work: it answers, or cuts what it has begun
        m_intake->bodyFailed(why);
        return;
    }
    if (m_replying) { // can only be while begin() is on the stack
        m_replying = false;
        m_socket->abort();
        return;
    }
    Handler::Refusal refusal = m_handler.refuse(why, m_head ? &*m_head : nullptr);
    m_head.reset();
    refusal.head.contentLength = refusal.body.size();
    write(http::encodeHead(refusal.head, BodyFraming::ContentLength, false) + refusal.body);
    m_socket->flush();
    linger();
}

void Connection::refuseAndClose(const Error &why)
{
    refuse(why);
}

void Connection::linger()
{
    m_closing = true;
    m_phase = Phase::Lingering;
    m_phaseSince = m_clock.coarseNow();
    if (!m_parsing) // else the parser is still reading it
        m_input.clear();
    if (m_socket->state() != QAbstractSocket::ConnectedState)
        return;
    // Closing with unread input makes the kernel send RST, and the client may lose the reply it has not read
    // yet (RFC 9112 §9.6). So: send FIN, go on reading into nothing for a while.
    if (m_socket->bytesToWrite() == 0)
        ::shutdown(int(m_socket->socketDescriptor()), SHUT_WR);
    m_socket->skip(m_socket->bytesAvailable());
}

// ── time and ends

void Connection::socketWrote()
{
    m_lastWrite = m_clock.coarseNow();
    if (m_phase == Phase::Lingering && m_socket->bytesToWrite() == 0)
        ::shutdown(int(m_socket->socketDescriptor()), SHUT_WR);
    if (!m_full || m_socket->bytesToWrite() > LowWatermark)
        return;
    m_full = false;
    if (m_intake)
        m_intake->drained();
}

void Connection::checkDeadlines(base::Instant now)
{
    const base::Duration inPhase = now - m_phaseSince;
    if (m_socket->bytesToWrite() > 0 && now - m_lastWrite > m_options.writeStall) {
        abort({Errc::WriteStallTimeout, {}});
        return;
    }
    switch (m_phase) {
    case Phase::Idle:
        if (inPhase > m_options.keepalive)
            closeWhenIdle();
        break;
    case Phase::Head:
        if (inPhase > m_options.head)
            refuse({Errc::RequestTimeout, "timeouts.head_ms"});
        break;
    case Phase::Exchange:
        if (!m_bodyEnded && !m_bodyPaused && now - std::max(m_lastRead, m_phaseSince) > m_options.bodyIdle)
            refuse({Errc::RequestTimeout, "timeouts.body_idle_ms"});
        break;
    case Phase::Lingering:
        if (inPhase > LingerMax && m_socket->bytesToWrite() == 0)
            m_socket->abort();
        break;
    }
}

void Connection::closeWhenIdle()
{
    m_keepAlive = false;
    if (m_phase != Phase::Idle)
        return;
    m_closing = true;
    m_socket->disconnectFromHost();
}

void Connection::abort(const Error &why)
{
    m_closing = true;
    abandonExchange(why);
    m_socket->abort();
}

void Connection::abandonExchange(const Error &why)
{
    m_replying = false;
    m_bodyPaused = false;
    if (Intake *intake = std::exchange(m_intake, nullptr))
        intake->abandon(why);
}

void Connection::socketClosed()
{
    m_closing = true;
    abandonExchange({Errc::ClientGone, {}});
    Q_EMIT closed();
}

} // namespace weir::server
