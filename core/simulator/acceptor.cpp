// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/acceptor.h"

#include "simulator/http1_connection.h"
#include "simulator/http2_connection.h"
#include <QSslSocket>
#include <QTcpSocket>

namespace weir::simulator {

Acceptor::Acceptor(const Options &options, Service &service, std::optional<QSslConfiguration> tls)
    : m_options(options), m_service(service), m_tls(std::move(tls))
{
    setListenBacklogSize(m_options.callersMax);
}

void Acceptor::incomingConnection(qintptr descriptor)
{
    QTcpSocket *socket = m_tls ? new QSslSocket(this) : new QTcpSocket(this);
    if (!socket->setSocketDescriptor(descriptor) || m_callers >= m_options.callersMax) {
        delete socket; // closes
        return;
    }
    ++m_callers;
    connect(socket, &QObject::destroyed, this, [this] { --m_callers; });
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    if (m_tls)
        greetTls(static_cast<QSslSocket &>(*socket));
    else
        greetPlain(*socket);
}

void Acceptor::greetTls(QSslSocket &socket)
{
    connect(&socket, &QSslSocket::encrypted, this, [this, &socket] {
        const QByteArray protocol = socket.sslConfiguration().nextNegotiatedProtocol();
        serve(socket, protocol == QSslConfiguration::ALPNProtocolHTTP2);
    });
    if (m_options.tlsFault == TlsFault::Stall) {
        socket.setReadBufferSize(ReadAheadMax);
        return;
    }
    if (m_options.tlsFault == TlsFault::Close) {
        connect(&socket, &QSslSocket::readyRead, this, [&socket] { socket.disconnectFromHost(); });
        return;
    }
    socket.setSslConfiguration(*m_tls);
    socket.startServerEncryption();
}

void Acceptor::greetPlain(QTcpSocket &socket)
{
    if (!m_options.http2) {
        serve(socket, false);
        return;
    }
    // Prior knowledge: the first bytes tell. No method of HTTP/1.1 begins like the preface.
    connect(&socket, &QTcpSocket::readyRead, this, [this, &socket] {
        const QByteArray start = socket.peek(qint64(Http2Preface.size()));
        const std::string_view seen(start.constData(), std::size_t(start.size()));
        const bool isPreface = Http2Preface.starts_with(seen);
        if (isPreface && seen.size() < Http2Preface.size())
            return;
        serve(socket, isPreface);
    });
}

void Acceptor::serve(QTcpSocket &socket, bool http2)
{
    // The connection takes the socket over, so what was connected for the greeting goes.
    QObject::disconnect(&socket, nullptr, this, nullptr);
    QObject::disconnect(&socket, &QTcpSocket::disconnected, &socket, nullptr);
    connect(&socket, &QObject::destroyed, this, [this] { --m_callers; });
    if (http2)
        serve(new Http2Connection(&socket, m_service, m_options.streamsMax, m_options.bodyMax));
    else
        serve(new Http1Connection(&socket, m_service, m_options.bodyMax));
}

void Acceptor::serve(Connection *connection)
{
    connection->setParent(this);
    connection->setReadPace(m_options.readKbps);
    connect(connection, &Connection::closed, connection, &QObject::deleteLater);
    connection->read();
}

} // namespace weir::simulator
