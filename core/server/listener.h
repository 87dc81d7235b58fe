// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "server/acceptor.h"
#include "server/capacity.h"
#include "server/handler.h"
#include "server/options.h"
#include <optional>
#include <QObject>
#include <QTimer>
#include <unordered_set>
#include <vector>

namespace weir::server {

class Connection;

/// Listens for clients, owns their connections and decides how many there may be. Proxy thread.
class Listener : public QObject
{
    Q_OBJECT
public:
    /// Where no idle connection was found to make room, they are looked through again this much later: each
    /// of a flood of clients must not cost a look at all.
    static constexpr base::Duration LookAgainAfter = std::chrono::milliseconds(DeadlineSweepMs);
    /// That descriptors have run out is said this often at most.
    static constexpr base::Duration TellAgainAfter = std::chrono::minutes(1);

    /// `handler` and `clock` are borrowed for the listener's life.
    Listener(Options options, Handler &handler, const base::Clock &clock, QObject *parent = nullptr);
    ~Listener() override;

    /// Binds the address (never another port than the one asked for); returns the port.
    base::Result<std::uint16_t> listen();
    /// Takes no new connection; idle ones close, busy ones close after their exchange.
    void stopAccepting();
    /// Closes every connection at once; running exchanges are abandoned.
    void abortAll();

    /// Refused ones, which read why, do not count.
    int connectionCount() const { return int(m_served.size()); }
    bool isEmpty() const { return m_served.empty() && m_refused.empty(); }

Q_SIGNALS:
    /// The last connection has gone.
    void emptied();

private:
    /// Tries to find a port that is free on IPv4 and IPv6 alike when any port will do.
    static constexpr int AnyPortTries = 16;

    using Connections = std::unordered_set<Connection *>; // children of this

    /// A connection that was idle when last looked, and since when. It may have ended since.
    struct Idle
    {
        base::Instant since;
        Connection *connection;
    };

    base::Result<std::uint16_t> tryListen();
    void take(int descriptor);
    Connection *adopt(int descriptor, Connections &into);
    void remove(Connection *connection);
    bool makeRoom();
    void lookForIdle(base::Instant now);
    void descriptorsExhausted();
    void resumeAccepting();
    void sweep();
    std::vector<Connection *> all() const;

    const Options m_options;
    Handler &m_handler;
    const base::Clock &m_clock;
    Acceptor m_acceptor;
    Acceptor m_ipv6Acceptor; // ::1 beside 127.0.0.1
    QTimer m_sweep;
    Connections m_served;
    Connections m_refused;
    std::vector<Idle> m_idle; // longest idle last
    base::Instant m_lookedAt{};
    std::optional<base::Instant> m_toldAt;
};

} // namespace weir::server
