// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "load/http1_connection.h"
#include "load/samples.h"
#include <deque>
#include <string>
#include <unordered_map>

namespace weir::load {

/// One of the things compared: a port, the request sent to it, and the connections that carry it.
class Arm
{
public:
    using Nanos = std::int64_t; ///< on the monotonic clock

    /// `request` is a whole HTTP/1.1 request. At most `connectionsMax` connections are opened.
    Arm(std::string name, std::uint16_t port, std::string request, std::size_t connectionsMax);
    ~Arm();

    /// Connects `count` times and watches the connections with `epoll`.
    base::Result<void> open(int epoll, std::size_t count);

    /// A request meant to be sent at `intended`: on a free connection, a new one, or as soon as one becomes
    /// free. Its latency counts from `intended`, so waiting for a connection is not hidden (coordinated
    /// omission).
    void request(Nanos intended);
    /// Something came on this descriptor. Returns how many requests ended (0 or 1).
    int received(int descriptor);
    bool owns(int descriptor) const { return m_connections.contains(descriptor); }

    std::size_t outstanding() const { return m_inFlight + m_waiting.size(); }
    /// What has not ended by now counts as failed.
    void giveUp();

    const std::string &name() const { return m_name; }
    const Samples &samples() const { return m_samples; }
    Samples &samples() { return m_samples; }

private:
    struct Slot
    {
        std::unique_ptr<Http1Connection> connection;
        Nanos intended = 0;
    };

    bool addConnection();
    void start(Slot &slot, Nanos intended);
    void drop(int descriptor);

    const std::string m_name;
    const std::uint16_t m_port;
    const std::string m_request;
    const std::size_t m_connectionsMax;
    int m_epoll = -1;
    std::unordered_map<int, Slot> m_connections;
    std::deque<int> m_free;
    std::deque<Nanos> m_waiting;
    std::size_t m_inFlight = 0;
    Samples m_samples;
};

/// Now, on the clock that all of this uses.
Arm::Nanos monotonicNow();

} // namespace weir::load
