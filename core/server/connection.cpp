// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/connection.h"

#include <algorithm>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

namespace weir::server {

using base::Errc;
using base::Error;

Connection::Connection(QTcpSocket *socket, const Options &options, Handler &handler, const base::Clock &clock)
    : m_socket(socket)
    , m_options(options)
    , m_handler(handler)
    , m_clock(clock)
    , m_parser(*this, options.bodyMax)
    , m_writer(*socket, clock)
    , m_phaseSince(clock.coarseNow())
{
    m_socket->setParent(this);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_socket->setReadBufferSize(ReadAheadMax);
    connect(m_socket, &QTcpSocket::readyRead, this, &Connection::readSocket);
    // Not bytesWritten(), which is silent about what is written while somebody hears of it.
    connect(m_socket, &QTcpSocket::channelBytesWritten, this, &Connection::socketWrote);
    // Queued: a write that fails tells of it from within, and whoever gave the bytes is still on the stack.
    connect(m_socket, &QTcpSocket::disconnected, this, &Connection::socketClosed, Qt::QueuedConnection);
}

Connection::~Connection() = default;

// ── client -> handler

void Connection::readSocket()
{
    m_heardAt = m_clock.coarseNow();
    if (m_phase == Phase::Lingering)
        m_socket->skip(m_socket->bytesAvailable());
    else
        parse();
}

void Connection::parse()
{
    if (m_parsing)
        return; // the loop below goes on by itself
    m_parsing = true;
    while (mayRead() && hasInput()) {
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
        else if (m_phase == Phase::Exchange)
            m_upload.took(std::int64_t(*used), m_clock.coarseNow());
        giveBody();
        if (m_phase == Phase::Exchange && m_bodyEnded && !m_replying)
            finishExchange(); // the reply was complete before the request
    }
    m_parsing = false;
}

/// Whether more of the client's bytes may be looked at now; those that may not wait in the socket.
bool Connection::mayRead() const
{
    switch (m_phase) {
    case Phase::Idle:
        return !m_writer.isFull() && m_begun < ExchangesPerTurn;
    case Phase::Head:
        return true;
    case Phase::Exchange: // at most one is in work
        return !m_bodyEnded && !m_upload.isPaused();
    case Phase::Lingering:
    case Phase::Closing:
        break;
    }
    return false;
}

bool Connection::hasInput()
{
    if (m_parsed < m_input.size())
        return true;
    // As much as there is: QIODevice makes room for what it is asked for, and a small body would keep it.
    const qint64 size = std::min(m_socket->bytesAvailable(), ReadAheadMax);
    m_input = size > 0 ? m_socket->read(size) : QByteArray();
    m_parsed = 0;
    return !m_input.isEmpty();
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
    m_keepAlive = m_keepAlive && head.keepAlive;
    m_awaitsContinue = head.expectsContinue;
    m_upload.begin(m_arrival.headDone);
    m_writer.begin(head.method, head.minorVersion);
    if (++m_begun == ExchangesPerTurn)
        m_goOn.ask();
    Intake *intake = m_handler.begin(std::move(head), m_arrival, *this);
    // The reply may be over already; then nobody takes the body.
    m_intake = m_replying ? intake : nullptr;
}

void Connection::onBody(std::string_view bytes)
{
    // The whole read handed on without a copy. Parts of it are put together: each may be a single byte, and
    // costs whoever takes it as much as a large one.
    if (bytes.data() == m_input.constData() && qsizetype(bytes.size()) == m_input.size())
        m_body = m_input;
    else
        m_body.append(bytes.data(), qsizetype(bytes.size()));
}

void Connection::onEnd()
{
    m_bodyEnded = true;
}

void Connection::giveBody()
{
    if (QByteArray bytes = std::exchange(m_body, {}); !bytes.isEmpty()) {
        m_awaitsContinue = false; // the client did not wait for it
        if (m_intake)
            m_intake->body(std::move(bytes));
    }
    if (m_bodyEnded && m_intake)
        m_intake->bodyEnd();
}

void Connection::pauseBody()
{
    m_upload.pause(m_clock.coarseNow());
}

void Connection::resumeBody()
{
    if (!m_upload.isPaused())
        return;
    m_upload.resume(m_clock.coarseNow());
    parse();
}

// ── handler -> client

void Connection::continueBody()
{
    if (std::exchange(m_awaitsContinue, false))
        m_writer.sendContinue();
}

void Connection::sendHead(http::ResponseHead head)
{
    Q_ASSERT(m_replying);
    // A reply that comes before the request is whole ends the connection: what still arrives would be read as
    // the next one. (With "Expect" the body may never come.)
    const bool mayGoOn = m_keepAlive && m_bodyEnded && !head.closesConnection;
    m_keepAlive = m_writer.sendHead(head, mayGoOn);
}

void Connection::sendChunk(QByteArray bytes)
{
    m_writer.sendChunk(bytes);
}

void Connection::end()
{
    m_intake = nullptr;
    m_replying = false;
    m_writer.end();
    if (!m_bodyEnded) {
        linger();
    } else if (!m_parsing) { // else parse() sees it
        finishExchange();
        parse();
    }
}

void Connection::cut()
{
    // What has been written is still delivered; the missing end shows that the reply is not whole.
    m_intake = nullptr;
    m_replying = false;
    linger();
}

bool Connection::isFull() const
{
    return m_writer.isFull();
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
    Q_ASSERT(!m_replying);
    Handler::Refusal refusal = m_handler.refuse(why, m_head ? &*m_head : nullptr);
    m_writer.begin(m_head ? std::string_view(m_head->method) : m_parser.method(), 1);
    m_head.reset();
    refusal.head.contentLength = refusal.body.size();
    m_writer.sendHead(refusal.head, false);
    m_writer.sendChunk(refusal.body);
    m_writer.end();
    linger();
}

void Connection::refuseAndClose(const Error &why)
{
    refuse(why);
}

void Connection::linger()
{
    m_phase = Phase::Lingering;
    m_phaseSince = m_clock.coarseNow();
    m_input.clear();
    if (m_socket->state() != QAbstractSocket::ConnectedState)
        return;
    // Closing with unread input makes the kernel send RST, and the client may lose the reply it has not read
    // yet (RFC 9112 §9.6). So: send FIN, go on reading into nothing for a while.
    if (m_writer.isEmpty())
        ::shutdown(int(m_socket->socketDescriptor()), SHUT_WR);
    m_socket->skip(m_socket->bytesAvailable());
}

// ── time and ends

void Connection::socketWrote()
{
    if (m_writer.noteProgress())
        m_drained.ask();
    if (m_phase == Phase::Lingering && m_writer.isEmpty())
        ::shutdown(int(m_socket->socketDescriptor()), SHUT_WR);
}

void Connection::clientReads()
{
    if (m_writer.isFull())
        return; // again, since
    if (m_intake)
        m_intake->drained();
    parse();
}

void Connection::checkDeadlines(base::Instant now)
{
    if (!m_writer.isEmpty() && now - m_writer.progressAt() > m_options.writeStall) {
        abort({Errc::WriteStallTimeout, {}});
        return;
    }
    const base::Duration inPhase = now - m_phaseSince;
    switch (m_phase) {
    case Phase::Idle: // which it is not while it takes its replies, or may not ask for more
        if (!m_writer.isFull() && std::min(inPhase, now - m_writer.progressAt()) > m_options.keepalive)
            closeWhenIdle();
        break;
    case Phase::Head:
        if (inPhase > m_options.head)
            refuse({Errc::RequestTimeout, "timeouts.head_ms"});
        break;
    case Phase::Exchange:
        if (const auto missed = m_bodyEnded ? std::nullopt : m_upload.missed(m_options, now))
            refuse(*missed);
        break;
    case Phase::Lingering:
        if (inPhase > LingerMax && m_writer.isEmpty())
            m_socket->abort();
        break;
    case Phase::Closing:
        break;
    }
}

void Connection::closeWhenIdle()
{
    m_keepAlive = false;
    if (m_phase != Phase::Idle)
        return;
    m_phase = Phase::Closing;
    m_socket->disconnectFromHost();
}

std::optional<base::Instant> Connection::idleSince() const
{
    const bool isBetween = m_phase == Phase::Idle || m_phase == Phase::Head;
    if (!isBetween || !m_writer.isEmpty())
        return std::nullopt;
    return std::max({m_phaseSince, m_heardAt, m_writer.progressAt()});
}

bool Connection::makeRoom()
{
    if (!idleSince() || m_socket->bytesAvailable() > 0)
        return false;
    int unread = 0; // in the kernel: a busy event loop comes to it later
    if (::ioctl(int(m_socket->socketDescriptor()), FIONREAD, &unread) != 0 || unread > 0)
        return false;
    m_phase = Phase::Closing;
    m_socket->abort(); // nothing is unread or unsent, so the client sees an orderly end
    return true;
}

void Connection::abort(const Error &why)
{
    m_phase = Phase::Closing;
    abandonExchange(why);
    m_socket->abort();
}

void Connection::abandonExchange(const Error &why)
{
    m_replying = false;
    if (Intake *intake = std::exchange(m_intake, nullptr))
        intake->abandon(why);
}

void Connection::socketClosed()
{
    m_phase = Phase::Closing;
    abandonExchange({Errc::ClientGone, {}});
    Q_EMIT closed();
}

} // namespace weir::server
