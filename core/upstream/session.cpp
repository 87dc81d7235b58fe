// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/session.h"

#include <algorithm>
#include <poll.h>
#include <QCoreApplication>
#include <QSslSocket>
#ifdef __linux__
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#endif

namespace weir::upstream {

Session::Session(QTcpSocket &socket, QObject &lane, const Origin &origin)
    : m_socket(socket), m_lane(lane), m_origin(origin.text())
{
    socket.setReadBufferSize(ReadAhead::Most);
}

// ── turns

QEvent::Type Session::turnEvent()
{
    static const auto type = QEvent::Type(QEvent::registerEventType());
    return type;
}

void Session::askForTurn()
{
    if (!std::exchange(m_isAsked, true) && !m_isInTurn && !isResting())
        QCoreApplication::postEvent(&m_lane, new QEvent(turnEvent()));
}

void Session::bytesCame()
{
    m_readAhead.recordCame();
    askForTurn();
}

void Session::beginTurn()
{
    m_budget.begin();
    m_isInTurn = true;
    if (const qint64 size = m_readAhead.fit(m_socket.bytesAvailable()); size != m_socket.readBufferSize())
        m_socket.setReadBufferSize(size);
}

void Session::endTurn()
{
    m_isInTurn = false;
    m_readAhead.leave(m_socket.bytesAvailable());
    // Posted events have several rounds before sockets have one; timers have one after each of theirs.
    if (m_budget.isSpent())
        m_rest.start(0, &m_lane);
    else if (std::exchange(m_isAsked, false))
        askForTurn();
}

bool Session::read()
{
    if (m_fault || holdsBack() || !hasUnread())
        return false;
    if (!m_budget.mayMove() || !m_budget.mayTakePieces()) {
        m_budget.leaveRest();
        return false;
    }
    if (m_block.isEmpty()) {
        m_block = m_socket.read(std::min(ReadBlock, m_socket.bytesAvailable()));
        m_budget.countMoved(m_block.size());
    }
    while (m_taken < m_block.size() && m_budget.mayTakePieces() && !m_fault) {
        const qsizetype size = std::min(ReadStep, m_block.size() - m_taken);
        const char *const bytes = m_block.constData() + m_taken;
        m_taken += size;
        take({bytes, std::size_t(size)});
    }
    blockTaken(m_block);
    if (m_taken == m_block.size()) {
        m_block.clear();
        m_taken = 0;
    }
    return true;
}

// ── the socket

qint64 Session::pendingBytes() const
{
    const auto *tls = qobject_cast<const QSslSocket *>(&m_socket);
    return m_socket.bytesToWrite() + (tls ? tls->encryptedBytesToWrite() : 0);
}

std::optional<Session::Outgoing> Session::outgoing() const
{
#ifdef __linux__
    const int descriptor = int(m_socket.socketDescriptor());
    tcp_info info{};
    socklen_t size = sizeof info;
    int inKernel = 0;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
        ::ioctl(descriptor, SIOCOUTQ, &inKernel) == 0)
        return Outgoing{info.tcpi_bytes_acked, inKernel > 0 || pendingBytes() > 0};
#endif
    return std::nullopt;
}

void Session::flush()
{
    m_socket.flush();
    // The kernel may take all at once, and Qt does not tell of that from within bytesWritten().
    if (m_blocked && pendingBytes() <= OutgoingMax)
        askForTurn();
}

bool Session::isHungUp() const
{
#ifdef POLLRDHUP
    pollfd descriptor{int(m_socket.socketDescriptor()), POLLRDHUP, 0};
    return ::poll(&descriptor, 1, 0) > 0;
#else
    return false;
#endif
}

// ── errors

void Session::fail(base::Error why)
{
    if (!m_fault)
        m_fault = std::move(why);
    askForTurn();
}

base::Error Session::error(base::Errc code, std::string_view reason) const
{
    return {code, m_origin + " (" + std::string(reason) + ")"};
}

std::string Session::authorityOf(const Origin &origin)
{
    std::string text = origin.text();
    text.erase(0, text.find("//") + 2);
    const std::string_view ownPort = origin.tls ? ":443" : ":80";
    if (text.ends_with(ownPort))
        text.resize(text.size() - ownPort.size());
    return text;
}

} // namespace weir::upstream
