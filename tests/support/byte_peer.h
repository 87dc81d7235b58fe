// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <QByteArray>
#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>

namespace weir::test {

/// An upstream that sends exactly the bytes it is told to and writes down what comes. Looks after its newest
/// connection.
class BytePeer
{
public:
    explicit BytePeer(const QHostAddress &address = QHostAddress::LocalHost, quint16 port = 0)
    {
        m_server.listen(address, port);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] { accept(); });
    }

    quint16 port() const { return m_server.serverPort(); }
    bool isListening() const { return m_server.isListening(); }
    QTcpSocket *socket() { return m_socket; }

    int connections = 0;
    int reads = 0;
    QByteArray received; ///< on all connections
    bool closed = false; ///< by the caller
    std::function<void()> onConnection;
    /// Something has come.
    std::function<void()> onBytes;

    void send(const QByteArray &bytes)
    {
        m_socket->write(bytes);
        m_socket->flush();
    }
    void close() { m_socket->disconnectFromHost(); }
    /// Answers each whole head that ends with an empty line; requests without bodies only.
    void answerEach(const QByteArray &reply)
    {
        onBytes = [this, reply] {
            if (received.endsWith("\r\n\r\n"))
                send(reply);
        };
    }

private:
    void accept()
    {
        m_socket = m_server.nextPendingConnection();
        ++connections;
        QObject::connect(m_socket, &QTcpSocket::readyRead, m_socket, [this, from = m_socket] {
            received += from->readAll();
            ++reads;
            if (onBytes && from == m_socket)
                onBytes();
        });
        QObject::connect(m_socket, &QTcpSocket::disconnected, m_socket, [this] { closed = true; });
        if (onConnection)
            onConnection();
    }

    QTcpServer m_server;
    QTcpSocket *m_socket = nullptr; // owned by the server
};

} // namespace weir::test
