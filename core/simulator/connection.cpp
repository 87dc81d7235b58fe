// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/connection.h"

#include <QSslSocket>
#include <QTcpSocket>
#ifdef Q_OS_WIN
#include <winsock2.h>
#else
#include <sys/socket.h>
#endif

namespace weir::simulator {

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
    m_socket->write(bytes);
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
