// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/connection.h"

#include <algorithm>
#include <QSslSocket>
#include <QTcpSocket>
#ifdef Q_OS_WIN
#include <winsock2.h>
#else
#include <sys/socket.h>
#endif

namespace weir::simulator {

namespace {

/// Gives the kernel what it takes at once; how many bytes that were, 0 also for errors.
qsizetype sendAtOnce(qintptr descriptor, const QByteArray &bytes)
{
#ifdef MSG_NOSIGNAL
    constexpr int Flags = MSG_NOSIGNAL; // a caller who left is no reason to die
    const auto sent =
        ::send(decltype(::socket(0, 0, 0))(descriptor), bytes.constData(), std::size_t(bytes.size()), Flags);
    return std::max<qsizetype>(0, qsizetype(sent));
#else
    Q_UNUSED(descriptor)
    Q_UNUSED(bytes)
    return 0;
#endif
}

} // namespace

Connection::Connection(QTcpSocket *socket) : m_socket(socket)
{
    m_socket->setParent(this);
    m_socket->setReadBufferSize(ReadAheadMax);
    connect(m_socket, &QTcpSocket::readyRead, this, [this] { read(); });
    connect(m_socket, &QTcpSocket::disconnected, this, [this] {
        onClosed();
        Q_EMIT closed();
    });
    if (auto *ssl = qobject_cast<QSslSocket *>(m_socket)) {
        m_isTls = true;
        connect(ssl, &QSslSocket::encryptedBytesWritten, this, [this] { onWritten(); });
    } else {
        connect(m_socket, &QTcpSocket::bytesWritten, this, [this] { onWritten(); });
    }
}

qint64 Connection::pendingBytes() const
{
    const qint64 plain = m_socket->bytesToWrite();
    return m_isTls ? plain + static_cast<QSslSocket *>(m_socket)->encryptedBytesToWrite() : plain;
}

void Connection::writeNow(const QByteArray &bytes)
{
    if (m_socket->state() != QAbstractSocket::ConnectedState)
        return; // the caller left while something was still being said
    // Past QTcpSocket, which would switch its write notifier on and off for each reply: two writes to the
    // event loop's eventfd more than the one that counts. What the kernel does not take, errors included, is
    // its.
    const qsizetype sent =
        m_isTls || m_socket->bytesToWrite() > 0 ? 0 : sendAtOnce(m_socket->socketDescriptor(), bytes);
    if (sent == bytes.size())
        return;
    m_socket->write(bytes.constData() + sent, bytes.size() - sent);
    m_socket->flush();
}

void Connection::closeAfterFlush()
{
    m_isClosing = true;
    m_socket->disconnectFromHost();
}

void Connection::reset()
{
    m_isClosing = true;
    const linger noLinger{1, 0};
    // The option decides what the close in abort() sends. If it cannot be set, a plain end is sent.
    setsockopt(decltype(::socket(0, 0, 0))(m_socket->socketDescriptor()), SOL_SOCKET, SO_LINGER,
               reinterpret_cast<const char *>(&noLinger), sizeof noLinger);
    m_socket->abort();
}

} // namespace weir::simulator
