// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "server/handler.h"
#include "server/options.h"
#include <QObject>
#include <QTcpServer>
#include <QTimer>
#include <unordered_set>

namespace weir::server {

class Connection;

/// Listens for clients and owns their connections. Proxy thread.
class Listener : public QObject
{
    Q_OBJECT
public:
    /// `handler` and `clock` are borrowed for the listener's life.
    Listener(Options options, Handler &handler, const base::Clock &clock, QObject *parent = nullptr);
    ~Listener() override;

    /// Binds the address (never another port than the one asked for); returns the port.
    base::Result<std::uint16_t> listen();
    /// Takes no new connection; idle ones close, busy ones close after their exchange.
    void stopAccepting();
    /// Closes every connection at once; running exchanges are abandoned.
    void abortAll();

    int connectionCount() const { return int(m_connections.size()); }

private:
    /// Refusals that may be on their way to clients above connectionsMax; beyond, connections are just
    /// closed.
    static constexpr int RefusalsMax = 64;
    /// Tries to find a port that is free on IPv4 and IPv6 alike when any port will do.
    static constexpr int AnyPortTries = 16;

    base::Result<std::uint16_t> tryListen();
    void accept(QTcpServer &server);
    void remove(Connection *connection);
    void sweep();

    const Options m_options;
    Handler &m_handler;
    const base::Clock &m_clock;
    QTcpServer m_server;
    QTcpServer m_ipv6Server; // ::1 beside 127.0.0.1
    QTimer m_sweep;
    std::unordered_set<Connection *> m_connections; // children of this
};

} // namespace weir::server
