// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHostAddress>
#include <QTcpSocket>

// A caller of HTTP/1.1 that shows every byte, and requests for it.
namespace weir::simulator {

/// A caller who sends what it is told and keeps what comes.
class Caller
{
public:
    explicit Caller(quint16 port)
    {
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this] { received += socket.readAll(); });
        QObject::connect(&socket, &QTcpSocket::disconnected, &socket, [this] { closed = true; });
        socket.connectToHost(QHostAddress::LocalHost, port);
    }

    void send(const QByteArray &bytes)
    {
        socket.write(bytes);
        socket.flush();
    }

    QTcpSocket socket;
    QByteArray received;
    bool closed = false;
};

inline QByteArray post(const QByteArray &target, const QByteArray &body, const QByteArray &fields = {})
{
    return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields +
           "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

inline QByteArray message(const QByteArray &model, bool stream)
{
    return post("/v1/messages",
                R"({"model":")" + model + R"(","stream":)" + (stream ? "true" : "false") + "}");
}

} // namespace weir::simulator
