// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "load/connection.h"
#include "load/target.h"
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::load {

/// What the connections of an arm tell. All calls come from Arm::wait and Arm::send; `now` is when it
/// happened.
class ArmEvents
{
public:
    /// The connection may carry a request.
    virtual void ready(Connection &connection, Nanos now) = 0;
    /// A piece of the reply's body.
    virtual void body(Connection &, std::string_view, Nanos) {}
    /// The reply is complete, its status below 400. `ready` or `closed` follows.
    virtual void replied(Connection &connection, Nanos now) = 0;
    /// Its request has failed. `ready` or `closed` follows.
    virtual void failed(Connection &connection, const std::string &kind, Nanos now) = 0;
    /// Connecting has failed. It may be opened again, but not at once.
    virtual void unconnected(Connection &connection, const std::string &kind, Nanos now) = 0;
    /// The connection is gone; it may be opened again. `inOrder` if the peer wished it between two requests.
    virtual void closed(Connection &connection, bool inOrder, Nanos now) = 0;

protected:
    ~ArmEvents() = default;
};

/// One of the things compared: its target and the connections to it, watched in an epoll set of its own.
/// Belongs to the thread that generates the load.
class Arm
{
public:
    /// `target` and `events` are borrowed for the arm's life. At most `connectionsMax` connections.
    Arm(const Target &target, const Address &address, std::size_t connectionsMax, Nanos timeout,
        ArmEvents &events);
    ~Arm();
    Arm(const Arm &) = delete;
    Arm &operator=(const Arm &) = delete;

    std::size_t connectionsMax() const { return m_connections.size(); }
    Connection &at(std::size_t index) { return *m_connections[index]; }
    std::size_t connecting() const { return m_connecting; }
    std::size_t busy() const { return m_busy; }

    /// Opens it, at once or in wait() when `when` has come.
    void open(Connection &connection, Nanos when = 0);
    /// Sends the target's request; it times out counted from `from`.
    void send(Connection &connection, Nanos from);
    /// Handles what happens until `deadline`, at most SweepInterval later.
    void wait(Nanos deadline);
    /// Closes all, without a word to the events.
    void closeAll();

    /// How often timeouts are looked for, so how late they may be told.
    static constexpr Nanos SweepInterval = 20'000'000;
    /// To be kept before a connection that broke is opened again, lest a dead target be asked in a tight
    /// loop.
    static constexpr Nanos ReopenPause = 10'000'000;

private:
    void handle(Connection &connection, std::uint32_t happened, Nanos now);
    void watch(const Connection &connection, int operation, std::uint32_t events) const;
    void receive(Connection &connection);
    void finishReply(Connection &connection, bool hasSurplus, Nanos now);
    void fail(Connection &connection, const std::string &kind, Nanos now);
    void drop(Connection &connection, Nanos now);
    void sweep(Nanos now);

    const Target &m_target;
    const Address m_address;
    const Nanos m_timeout;
    ArmEvents &m_events;
    const int m_epoll;
    std::vector<std::unique_ptr<Connection>> m_connections;
    std::size_t m_connecting = 0;
    std::size_t m_busy = 0;
    Nanos m_nextSweep = 0;
    std::array<char, 64 * 1024> m_buffer; ///< of all connections: what came is read at once
};

/// "connection refused", "connection reset", … for an errno value.
std::string describeSocketError(int error);

/// Whether the target can be connected to, waiting `seconds` at most; the error names host and port.
base::Result<Address> findTarget(const Target &target, double seconds);

} // namespace weir::load
