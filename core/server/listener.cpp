// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/listener.h"

#include "server/connection.h"
#include <QHostAddress>
#include <QTcpSocket>
#include <vector>

namespace weir::server {

using base::Errc;

namespace {

// Connections that wait in the kernel while the event loop is busy.
constexpr int Backlog = 512;

} // namespace

Listener::Listener(Options options, Handler &handler, const base::Clock &clock, QObject *parent)
    : QObject(parent), m_options(std::move(options)), m_handler(handler), m_clock(clock)
{
    for (QTcpServer *server : {&m_server, &m_ipv6Server}) {
        server->setListenBacklogSize(Backlog);
        server->setMaxPendingConnections(Backlog);
        connect(server, &QTcpServer::newConnection, this, [this, server] { accept(*server); });
    }
    m_sweep.setTimerType(Qt::CoarseTimer);
    m_sweep.setInterval(DeadlineSweepMs);
    connect(&m_sweep, &QTimer::timeout, this, &Listener::sweep);
}

Listener::~Listener() = default;

base::Result<std::uint16_t> Listener::listen()
{
    for (int attempt = 1;; ++attempt) {
        const auto port = tryListen();
        const bool tryAnotherPort = !port && port.error().code == Errc::AddressInUse && m_options.port == 0;
        if (tryAnotherPort && attempt < AnyPortTries)
            continue;
        if (port)
            m_sweep.start();
        return port;
    }
}

base::Result<std::uint16_t> Listener::tryListen()
{
    const auto failure = [this](const QTcpServer &server) {
        const Errc code = server.serverError() == QAbstractSocket::AddressInUseError
                              ? Errc::AddressInUse
                              : Errc::AddressUnavailable;
        std::string where = m_options.address + ":" + std::to_string(m_options.port);
        if (code == Errc::AddressUnavailable)
            where += " (" + server.errorString().toStdString() + ")";
        return base::unexpected(code, std::move(where));
    };

    const QHostAddress address(QString::fromStdString(m_options.address));
    if (address.isNull())
        return base::unexpected(Errc::AddressUnavailable, m_options.address + " is not an IP address");
    if (!m_server.listen(address, m_options.port))
        return failure(m_server);

    // "localhost" may mean either. If another program had ::1 on our port, it would get the keys of half the
    // tools.
    if (address == QHostAddress(QHostAddress::LocalHost) &&
        !m_ipv6Server.listen(QHostAddress::LocalHostIPv6, m_server.serverPort()) &&
        m_ipv6Server.serverError() == QAbstractSocket::AddressInUseError) {
        m_server.close();
        return base::unexpected(Errc::AddressInUse, "[::1]:" + std::to_string(m_options.port));
    }
    return std::uint16_t(m_server.serverPort());
}

void Listener::accept(QTcpServer &server)
{
    while (QTcpSocket *socket = server.nextPendingConnection()) {
        const int count = connectionCount();
        if (count >= m_options.connectionsMax + RefusalsMax) {
            delete socket;
            continue;
        }
        auto *connection = new Connection(socket, m_options, m_handler, m_clock);
        connection->setParent(this);
        m_connections.insert(connection);
        connect(connection, &Connection::closed, this, [this, connection] { remove(connection); });
        if (count >= m_options.connectionsMax)
            connection->refuseAndClose({Errc::TooManyConnections, std::to_string(m_options.connectionsMax)});
    }
}

void Listener::remove(Connection *connection)
{
    if (m_connections.erase(connection))
        connection->deleteLater();
}

void Listener::sweep()
{
    const base::Instant now = m_clock.now();
    // A copy, because a deadline may close a connection and so change the set.
    const std::vector<Connection *> connections(m_connections.begin(), m_connections.end());
    for (Connection *connection : connections) {
        if (m_connections.contains(connection))
            connection->checkDeadlines(now);
    }
}

void Listener::stopAccepting()
{
    m_server.close();
    m_ipv6Server.close();
    const std::vector<Connection *> connections(m_connections.begin(), m_connections.end());
    for (Connection *connection : connections)
        connection->closeWhenIdle();
}

void Listener::abortAll()
{
    const std::vector<Connection *> connections(m_connections.begin(), m_connections.end());
    for (Connection *connection : connections)
        connection->abort({Errc::Draining, {}});
}

} // namespace weir::server
