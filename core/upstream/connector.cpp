// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/connector.h"

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <QHostInfo>
#include <QNetworkProxy>
#include <QSslSocket>
#include <sys/socket.h>

namespace weir::upstream {

using base::Errc;

namespace {

/// Of a reason that Qt or OpenSSL tells.
constexpr qsizetype ReasonSizeMax = 200;

void setOptions(QTcpSocket &socket)
{
    socket.setSocketOption(QAbstractSocket::LowDelayOption, 1);
    socket.setSocketOption(QAbstractSocket::KeepAliveOption, 1);
#ifdef TCP_USER_TIMEOUT
    const unsigned int timeoutMs = Connector::UnackedMax.count();
    ::setsockopt(int(socket.socketDescriptor()), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeoutMs, sizeof timeoutMs);
#endif
}

} // namespace

TlsMemory::TlsMemory(const Origin &origin) : configuration(QSslConfiguration::defaultConfiguration())
{
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
    configuration.setAllowedNextProtocols(
        {QSslConfiguration::ALPNProtocolHTTP2, QSslConfiguration::NextProtocolHttp1_1});
    configuration.setSslOption(QSsl::SslOptionDisableSessionPersistence, false); // else there are no tickets
    if (!origin.authorities.isEmpty())
        configuration.setCaCertificates(origin.authorities);
}

Connector::Connector(Origin origin, std::shared_ptr<TlsMemory> tls, base::Duration deadline,
                     const base::Clock &clock, QObject *parent)
    : QObject(parent), m_origin(std::move(origin)), m_tls(std::move(tls)), m_clock(clock)
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(std::chrono::ceil<std::chrono::milliseconds>(deadline));
    connect(&m_deadline, &QTimer::timeout, this, [this] { fail(Errc::ConnectTimeout, {}); });
    m_nextAttempt.setSingleShot(true);
    m_nextAttempt.setTimerType(Qt::PreciseTimer); // never earlier
    m_nextAttempt.setInterval(AttemptDelay);
    connect(&m_nextAttempt, &QTimer::timeout, this, &Connector::tryNext);
}

Connector::~Connector()
{
    stop();
}

void Connector::begin()
{
    m_times.began = m_clock.now();
    m_deadline.start();
}

void Connector::start()
{
    const QString host = QString::fromStdString(m_origin.host);
    if (const QHostAddress literal(host); !literal.isNull()) {
        startWith({literal});
        return;
    }
    begin();
    m_lookup = QHostInfo::lookupHost(host, this, [this](const QHostInfo &found) {
        m_lookup = -1;
        if (found.error() != QHostInfo::NoError || found.addresses().isEmpty()) {
            fail(Errc::UpstreamNotFound, {});
            return;
        }
        m_addresses = interleaved(found.addresses());
        tryNext();
    });
}

void Connector::startWith(const QList<QHostAddress> &addresses)
{
    begin();
    m_addresses = interleaved(addresses);
    tryNext();
}

QList<QHostAddress> Connector::interleaved(const QList<QHostAddress> &addresses)
{
    QList<QHostAddress> first;
    QList<QHostAddress> second;
    for (const QHostAddress &address : addresses)
        (address.protocol() == addresses.first().protocol() ? first : second).append(address);
    QList<QHostAddress> order;
    for (qsizetype at = 0; at < std::max(first.size(), second.size()) && order.size() < AddressesMax; ++at) {
        if (at < first.size())
            order.append(first[at]);
        if (at < second.size() && order.size() < AddressesMax)
            order.append(second[at]);
    }
    return order;
}

// ── TCP

void Connector::tryNext()
{
    if (m_addresses.isEmpty())
        return;
    const QHostAddress address = m_addresses.takeFirst();
    auto *socket = m_origin.tls ? new QSslSocket(this) : new QTcpSocket(this);
    m_attempts.push_back(socket);
    socket->setProxy(QNetworkProxy::NoProxy);
    connect(socket, &QTcpSocket::connected, this, [this, socket] { won(*socket); });
    connect(socket, &QTcpSocket::errorOccurred, this, [this, socket] { attemptFailed(*socket); });
    m_nextAttempt.start();
    socket->connectToHost(address, m_origin.port);
}

void Connector::attemptFailed(QTcpSocket &socket)
{
    if (m_firstError == Errc::None) {
        const bool isTimeout = socket.error() == QAbstractSocket::SocketTimeoutError;
        m_firstError = isTimeout ? Errc::ConnectTimeout : Errc::UpstreamRefused;
        if (socket.error() != QAbstractSocket::ConnectionRefusedError)
            m_firstReason = socket.errorString();
    }
    std::erase(m_attempts, &socket);
    socket.disconnect(this);
    socket.deleteLater();
    if (!m_addresses.isEmpty())
        tryNext();
    else if (m_attempts.empty())
        fail(m_firstError, m_firstReason);
}

void Connector::won(QTcpSocket &socket)
{
    m_times.connected = m_clock.now();
    m_nextAttempt.stop();
    m_addresses.clear();
    m_socket = &socket;
    m_socket->disconnect(this);
    std::erase(m_attempts, m_socket);
    for (QTcpSocket *other : std::exchange(m_attempts, {})) {
        other->disconnect(this);
        other->abort();
        other->deleteLater();
    }
    setOptions(*m_socket);
    if (m_origin.tls)
        beginTls();
    else
        done();
}

// ── TLS

void Connector::beginTls()
{
    auto *socket = static_cast<QSslSocket *>(m_socket);
    socket->setSslConfiguration(m_tls->configuration);
    socket->setPeerVerifyName(QString::fromStdString(m_origin.host));
    // Outlives the connector: over TLS 1.3 tickets come after the handshake.
    connect(socket, &QSslSocket::newSessionTicketReceived, socket, [memory = m_tls, socket] {
        memory->configuration.setSessionTicket(socket->sslConfiguration().sessionTicket());
    });
    connect(socket, &QSslSocket::encrypted, this, &Connector::done);
    connect(socket, &QTcpSocket::errorOccurred, this, [this, socket] {
        const bool isClosed = socket->error() == QAbstractSocket::RemoteHostClosedError;
        fail(Errc::UpstreamTls, isClosed ? QStringLiteral("closed by the upstream") : socket->errorString());
    });
    socket->startClientEncryption();
}

void Connector::done()
{
    m_times.ready = m_clock.now();
    m_deadline.stop();
    m_socket->disconnect(this);
    if (m_tls) {
        // TLS 1.2 tells its ticket in the handshake.
        const auto *socket = static_cast<QSslSocket *>(m_socket);
        if (const QByteArray ticket = socket->sslConfiguration().sessionTicket(); !ticket.isEmpty())
            m_tls->configuration.setSessionTicket(ticket);
    }
    Q_EMIT ready(std::exchange(m_socket, nullptr));
}

// ── ends

void Connector::stop()
{
    m_deadline.stop();
    m_nextAttempt.stop();
    m_addresses.clear();
    if (m_lookup >= 0)
        QHostInfo::abortHostLookup(std::exchange(m_lookup, -1));
    if (m_socket)
        m_attempts.push_back(std::exchange(m_socket, nullptr));
    for (QTcpSocket *socket : std::exchange(m_attempts, {})) {
        socket->disconnect(this);
        socket->abort();
        socket->deleteLater();
    }
}

void Connector::fail(Errc code, const QString &reason)
{
    stop();
    std::string detail = m_origin.text();
    if (!reason.isEmpty())
        detail += " (" + reason.left(ReasonSizeMax).toStdString() + ")";
    Q_EMIT failed({code, std::move(detail)});
}

} // namespace weir::upstream
