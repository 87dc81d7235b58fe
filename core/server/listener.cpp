// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/listener.h"

#include "server/connection.h"
#include <algorithm>
#include <QHostAddress>
#include <QTcpSocket>
#include <unistd.h>

namespace weir::server {

using base::Errc;

Listener::Listener(Options options, Handler &handler, const base::Clock &clock, QObject *parent)
    : QObject(parent), m_options(std::move(options)), m_handler(handler), m_clock(clock)
{
    for (Acceptor *acceptor : {&m_acceptor, &m_ipv6Acceptor}) {
        connect(acceptor, &Acceptor::accepted, this, &Listener::take);
        connect(acceptor, &Acceptor::exhausted, this, &Listener::descriptorsExhausted);
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
    const QHostAddress address(QString::fromStdString(m_options.address));
    if (address.isNull())
        return base::unexpected(Errc::AddressUnavailable, m_options.address + " is not an IP address");
    const auto port = m_acceptor.listen(address, m_options.port);
    if (!port || address != QHostAddress(QHostAddress::LocalHost))
        return port;
    // "localhost" may mean either. If another program had ::1 on our port, it would get the keys of half the
    // tools.
    const auto other = m_ipv6Acceptor.listen(QHostAddress::LocalHostIPv6, *port);
    if (!other && other.error().code == Errc::AddressInUse) {
        m_acceptor.close();
        return other;
    }
    return port;
}

// ── who gets in

void Listener::take(int descriptor)
{
    const std::int64_t limit = descriptorLimit();
    const Capacity capacity = capacityFor(m_options, limit);
    while (connectionCount() >= capacity.served && makeRoom()) {
    }
    if (connectionCount() < capacity.served) {
        adopt(descriptor, m_served);
    } else if (int(m_refused.size()) < capacity.refused) {
        std::string most = std::to_string(capacity.served);
        most += capacity.served == m_options.connectionsMax
                    ? " (listen.connections_max)"
                    : ", because Weir may have " + std::to_string(limit) + " files open (ulimit -n)";
        if (Connection *connection = adopt(descriptor, m_refused))
            connection->refuseAndClose({Errc::TooManyConnections, std::move(most)});
    } else {
        ::close(descriptor);
    }
}

Connection *Listener::adopt(int descriptor, Connections &into)
{
    auto socket = std::make_unique<QTcpSocket>();
    if (!socket->setSocketDescriptor(descriptor)) {
        ::close(descriptor);
        return nullptr;
    }
    auto *connection = new Connection(socket.release(), m_options, m_handler, m_clock);
    connection->setParent(this);
    into.insert(connection);
    connect(connection, &Connection::closed, this, [this, connection] { remove(connection); });
    return connection;
}

void Listener::remove(Connection *connection)
{
    if (m_served.erase(connection) + m_refused.erase(connection) == 0)
        return; // it has made room before
    connection->deleteLater();
    resumeAccepting();
    if (isEmpty())
        Q_EMIT emptied();
}

/// Closes the connection that has been idle for longest. False if none has been for the grace.
bool Listener::makeRoom()
{
    const base::Instant now = m_clock.now();
    if (m_idle.empty() && now - m_lookedAt >= LookAgainAfter)
        lookForIdle(now);
    while (!m_idle.empty()) {
        const Idle idle = m_idle.back();
        m_idle.pop_back();
        // Only if it is the same one, and has been idle all the time.
        const bool isStill = m_served.contains(idle.connection) && idle.connection->idleSince() == idle.since;
        if (isStill && idle.connection->makeRoom()) {
            remove(idle.connection);
            return true;
        }
    }
    return false;
}

void Listener::lookForIdle(base::Instant now)
{
    m_lookedAt = now;
    for (Connection *connection : m_served) {
        const auto since = connection->idleSince();
        if (since && now - *since >= m_options.idleGrace)
            m_idle.push_back({*since, connection});
    }
    std::sort(m_idle.begin(), m_idle.end(), [](const Idle &a, const Idle &b) { return a.since > b.since; });
}

// ── when descriptors run out

void Listener::descriptorsExhausted()
{
    // Both draw from the same: who stays awake would be woken again and again.
    m_acceptor.pause();
    m_ipv6Acceptor.pause();
    if (makeRoom())
        return; // and so resumed
    const base::Instant now = m_clock.now();
    if (m_toldAt && now - *m_toldAt < TellAgainAfter)
        return;
    m_toldAt = now;
    qInfo(
        "Weir has run out of open files (it may have %lld, see ulimit -n): new clients wait until one leaves",
        static_cast<long long>(descriptorLimit()));
}

void Listener::resumeAccepting()
{
    m_acceptor.resume();
    m_ipv6Acceptor.resume();
}

// ── time and ends

void Listener::sweep()
{
    const base::Instant now = m_clock.now();
    // A deadline may close a connection and so change the sets.
    for (Connection *connection : all()) {
        if (m_served.contains(connection) || m_refused.contains(connection))
            connection->checkDeadlines(now);
    }
    // The limit may have been lowered: what is above it is missing elsewhere.
    const Capacity capacity = capacityFor(m_options, descriptorLimit());
    while (connectionCount() > capacity.served && makeRoom()) {
    }
    resumeAccepting();
}

std::vector<Connection *> Listener::all() const
{
    std::vector<Connection *> connections(m_served.begin(), m_served.end());
    connections.insert(connections.end(), m_refused.begin(), m_refused.end());
    return connections;
}

void Listener::stopAccepting()
{
    m_acceptor.close();
    m_ipv6Acceptor.close();
    for (Connection *connection : all())
        connection->closeWhenIdle();
}

void Listener::abortAll()
{
    for (Connection *connection : all())
        connection->abort({Errc::Draining, {}});
}

} // namespace weir::server
