// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "upstream/lane.h"
#include <deque>
#include <functional>
#include <memory>
#include <QTimer>
#include <unordered_map>
#include <vector>

namespace weir::upstream {

/// Bounds and deadlines of one pool (LIMITS: pool.*, timeouts.*).
struct PoolOptions
{
    int lanesMin = 2;
    int lanesMax = 10;
    int queueMax = 256;
    base::Duration queueWait = std::chrono::seconds(30);
    base::Duration connect = std::chrono::seconds(10);
    base::Duration firstByte = std::chrono::minutes(10);
    base::Duration idle = std::chrono::minutes(5);
};

/// What a pool counts, for the snapshot.
struct PoolFigures
{
    std::string protocol;
    int lanes = 0;
    int inFlight = 0;
    int waiting = 0;
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;
    std::uint64_t connections = 0;
    std::string lastError;
};

class PooledCall;

/// The lanes to one origin of one provider, and the queue of calls that wait for a place on them.
/// All waiting for an upstream is bounded here: for a lane, for the connection, for the first byte, between
/// two bytes. Proxy thread.
class Pool : public QObject
{
    Q_OBJECT
public:
    using LaneFactory = std::function<std::unique_ptr<Lane>(const Origin &origin)>;

    /// `clock` is borrowed for the pool's life.
    Pool(std::string name, Origin origin, PoolOptions options, LaneFactory makeLane, const base::Clock &clock,
         QObject *parent = nullptr);
    /// Every call must have ended.
    ~Pool() override;

    /// Puts a call on a lane, or into the queue. The error (queue full, draining) is the caller's to answer.
    /// `sink` is borrowed, the call owned by the pool, both until onEnd, onFailed or cancel().
    base::Result<Call *> submit(CallRequest request, CallSink &sink);

    /// Opens lanesMin lanes.
    void warm();
    /// Fails what waits and takes nothing more; calls on lanes go on.
    void drain();

    PoolFigures figures() const;
    const std::string &name() const { return m_name; }
    const Origin &origin() const { return m_origin; }
    const PoolOptions &options() const { return m_options; }

private:
    friend class PooledCall;

    /// How often deadlines are looked at while there are calls.
    static constexpr int DeadlineSweepMs = 100;

    Lane *laneWithRoom();
    Lane *addLane();
    void dispatch();
    void sweep();
    void ended(PooledCall &call, const base::Error *error);
    void forget(PooledCall &call);

    const std::string m_name;
    const Origin m_origin;
    const PoolOptions m_options;
    const LaneFactory m_makeLane;
    const base::Clock &m_clock;
    QTimer m_sweep;
    std::vector<std::unique_ptr<Lane>> m_lanes;
    std::unordered_map<PooledCall *, std::unique_ptr<PooledCall>> m_calls;
    std::deque<PooledCall *> m_queue;
    std::vector<std::unique_ptr<PooledCall>> m_ended; // freed at the next turn of the event loop
    std::uint64_t m_callCount = 0;
    std::uint64_t m_failureCount = 0;
    std::string m_lastError;
    bool m_draining = false;
};

} // namespace weir::upstream
