// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/raw_client.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <sys/socket.h>

namespace weir::test {

qsizetype responseSize(const QByteArray &bytes)
{
    const qsizetype headEnd = bytes.indexOf("\r\n\r\n");
    if (headEnd < 0)
        return -1;
    const QByteArray head = bytes.left(headEnd + 2).toLower();
    const qsizetype bodyAt = headEnd + 4;
    const qsizetype lengthAt = head.indexOf("\r\ncontent-length:");
    if (lengthAt >= 0) {
        const qsizetype valueAt = lengthAt + 17;
        const qsizetype size =
            bodyAt + head.mid(valueAt, head.indexOf("\r\n", valueAt) - valueAt).trimmed().toLongLong();
        return bytes.size() >= size ? size : -1;
    }
    if (!head.contains("transfer-encoding: chunked"))
        return bodyAt;
    const qsizetype last = bytes.indexOf("\r\n0\r\n\r\n", headEnd + 2);
    return last < 0 ? -1 : last + 7;
}

RawClient::RawClient(quint16 port)
{
    QObject::connect(&m_socket, &QTcpSocket::readyRead, &m_socket,
                     [this] { m_received += m_socket.readAll(); });
    m_socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    spin([this] { // connected, or refused and closed already
        return m_socket.state() == QAbstractSocket::ConnectedState ||
               m_socket.state() == QAbstractSocket::UnconnectedState;
    });
}

template<typename Done>
bool RawClient::spin(Done done)
{
    QElapsedTimer timer;
    timer.start();
    while (!done()) {
        if (timer.elapsed() > WaitMs)
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    }
    return true;
}

void RawClient::send(const QByteArray &bytes)
{
    m_socket.write(bytes);
    m_socket.flush();
}

bool RawClient::waitFor(const QByteArray &text)
{
    spin([&] { return m_received.contains(text) || m_socket.state() != QAbstractSocket::ConnectedState; });
    return m_received.contains(text);
}

bool RawClient::waitForClose()
{
    return spin([this] { return m_socket.state() == QAbstractSocket::UnconnectedState; });
}

QByteArray RawClient::takeResponse()
{
    spin([this] {
        return responseSize(m_received) >= 0 || m_socket.state() != QAbstractSocket::ConnectedState;
    });
    const qsizetype size = responseSize(m_received);
    const QByteArray response = m_received.left(size < 0 ? m_received.size() : size);
    m_received.remove(0, response.size());
    return response;
}

void RawClient::close()
{
    m_socket.disconnectFromHost();
}

void RawClient::reset()
{
    const linger now{1, 0};
    ::setsockopt(int(m_socket.socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    m_socket.abort();
}

QByteArray postRequest(const QByteArray &path, const QByteArray &body, const QByteArray &extraHeaders)
{
    return "POST " + path +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: test-key\r\nContent-Type: application/json\r\n" +
           extraHeaders + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

} // namespace weir::test
