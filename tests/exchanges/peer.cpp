// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/peer.h"

#include "exchanges/http1_peer.h"
#include "exchanges/http2_peer.h"
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>
#include <sys/socket.h>
#include <utility>

namespace weir::exchanges {

void PeerConnection::resetStream(Arrival &, std::uint32_t)
{
    Q_ASSERT(false); // a document says so over HTTP/2 only
}

void PeerConnection::goAway(std::uint32_t, int)
{
    Q_ASSERT(false);
}

void PeerConnection::flush()
{
    m_socket.write(std::exchange(m_out, {}));
    m_socket.flush();
}

void PeerConnection::reset()
{
    const linger now{1, 0};
    ::setsockopt(int(m_socket.socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    m_socket.abort();
}

Arrival &PeerConnection::arrive()
{
    m_arrivals.push_back(std::make_unique<Arrival>());
    m_arrivals.back()->connection = this;
    return *m_arrivals.back();
}

Peer::Peer(std::optional<simulator::Certificate> certificate) : m_certificate(std::move(certificate))
{
    if (!listen(QHostAddress::LocalHost))
        m_fault = errorString().toUtf8();
}

Peer::~Peer()
{
    m_connections.clear(); // before their sockets, which are children
}

QByteArray Peer::authority() const
{
    return "127.0.0.1:" + QByteArray::number(serverPort());
}

QByteArray Peer::url() const
{
    return (m_certificate ? "https://" : "http://") + authority();
}

void Peer::incomingConnection(qintptr descriptor)
{
    auto *socket = m_certificate ? new QSslSocket(this) : new QTcpSocket(this);
    socket->setSocketDescriptor(descriptor);
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1); // each piece goes by itself
    ++m_open;
    connect(socket, &QTcpSocket::disconnected, this, [this] { --m_open; });
    auto *encrypted = qobject_cast<QSslSocket *>(socket);
    if (!encrypted) {
        serve(*socket);
        return;
    }
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setLocalCertificate(QSslCertificate(m_certificate->certificatePem));
    tls.setPrivateKey(QSslKey(m_certificate->keyPem, QSsl::Ec));
    tls.setPeerVerifyMode(QSslSocket::VerifyNone); // callers show no certificate
    tls.setAllowedNextProtocols({QSslConfiguration::ALPNProtocolHTTP2});
    encrypted->setSslConfiguration(tls);
    connect(encrypted, &QSslSocket::encrypted, this, [this, encrypted] {
        if (encrypted->sslConfiguration().nextNegotiatedProtocol() != QSslConfiguration::ALPNProtocolHTTP2)
            m_fault = "HTTP/2 was not agreed upon";
        serve(*encrypted);
    });
    encrypted->startServerEncryption();
}

void Peer::serve(QTcpSocket &socket)
{
    if (m_certificate)
        m_connections.push_back(std::make_unique<Http2Peer>(socket, m_arrivals));
    else
        m_connections.push_back(std::make_unique<Http1Peer>(socket, m_arrivals));
    PeerConnection *connection = m_connections.back().get();
    connect(&socket, &QTcpSocket::readyRead, connection, [connection] { connection->read(); });
    connect(&socket, &QTcpSocket::disconnected, connection, [connection] { connection->onClosed(); });
    connection->read();
}

} // namespace weir::exchanges
