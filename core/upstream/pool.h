// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/next_turn.h"
#include "base/result.h"
#include "upstream/lane_set.h"
#include "upstream/pool_figures.h"
#include "upstream/pool_options.h"
#include "upstream/wait_queue.h"
#include <memory>
#include <QTimer>
#include <unordered_map>
#include <vector>

namespace weir::upstream {

class PooledCall;

/// The lanes to one origin of one provider, and the queue of calls that wait for a place on them.
/// All waiting for an upstream is bounded here: for a lane, for the connection, for the first byte, between
/// two bytes. Proxy thread.
class Pool : public QObject
{
    Q_OBJECT
public:
    /// `clock` is borrowed for the pool's life.
    Pool(std::string name, Origin origin, LaneKind kind, PoolOptions options, const base::Clock &clock,
         QObject *parent = nullptr);
    /// Every call must have ended.
    ~Pool() override;

    /// Puts a call on a lane, or into the queue. The error (queue full, upstream down, draining) is the
    /// caller's to answer. `request` and `sink` are borrowed, the call is owned by the pool, all until onEnd,
    /// onFailed or cancel().
    base::Result<Call *> submit(const CallRequest &request, CallSink &sink);
    base::Result<Call *> submit(CallRequest &&, CallSink &) = delete; // borrowed
    /// The same for a call that has failed unprocessed: from within onFailed(), where no lane may be called,
    /// it goes to the head of its queue and starts at the next turn of the event loop.
    base::Result<Call *> resubmit(const CallRequest &request, CallSink &sink);
    base::Result<Call *> resubmit(CallRequest &&, CallSink &) = delete;
    /// True if its lanes can send a body only once its size is known.
    bool needsBodySize() const { return m_kind.needsBodySize; }

    /// Opens the least number of lanes and keeps them.
    void warm();
    /// Fails what waits and takes nothing more; calls on lanes go on.
    void drain();

    /// Looks at all deadlines and lanes. Done by itself while there are any; for tests that move the clock.
    void sweep();

    PoolFigures figures() const;
    /// Which one of its manager's it is, from 0 in the order in which they were made.
    int number() const { return m_number; }
    void setNumber(int number) { m_number = number; }
    const std::string &name() const { return m_name; }
    const Origin &origin() const { return m_origin; }
    const std::string &originText() const { return m_originText; } ///< "https://api.z.ai:443"
    const LaneKind &kind() const { return m_kind; }
    const PoolOptions &options() const { return m_options; }

private:
    friend class PooledCall;

    /// How often deadlines are looked at while there are calls …
    static constexpr int DeadlineSweepMs = 100;
    /// … and lanes while there are none.
    static constexpr int IdleSweepMs = 1000;

    base::Result<void> checkRoom(base::Instant now) const;
    PooledCall &make(const CallRequest &request, CallSink &sink, base::Instant now);
    void start(PooledCall &call, PooledLane &lane, bool waited, base::Instant now);
    void dispatchSoon();
    void dispatch();
    void keepTime();
    int sweepInterval() const { return m_calls.empty() ? IdleSweepMs : DeadlineSweepMs; }
    void failWaiting(const base::Error &why);
    void ended(PooledCall &call, const base::Error *error);
    void turn();

    const std::string m_name;
    const Origin m_origin;
    const std::string m_originText;
    const LaneKind m_kind;
    const PoolOptions m_options;
    const base::Clock &m_clock;
    QTimer m_sweep;
    LaneSet m_lanes;
    WaitQueue m_queue;
    std::unordered_map<PooledCall *, std::unique_ptr<PooledCall>> m_calls;
    std::vector<std::unique_ptr<PooledCall>> m_ended; // freed at the next turn of the event loop
    PoolFigures m_counts;                             // what is counted here; the rest is filled in
    int m_number = 0;
    base::NextTurn m_nextTurn{[this] { turn(); }};
    bool m_isDispatchDue = false; // at the next turn
    bool m_isDraining = false;
};

} // namespace weir::upstream
