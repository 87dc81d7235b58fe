// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "upstream/health.h"
#include "upstream/lane_kind.h"
#include "upstream/pool_figures.h"
#include "upstream/pool_options.h"
#include <memory>
#include <optional>
#include <QObject>
#include <vector>

namespace weir::upstream {

/// One lane and what its pool remembers of it.
struct PooledLane
{
    std::unique_ptr<Lane> lane;
    base::Instant openedAt;
    base::Instant usedAt;   ///< a call began or ended
    base::Instant aliveAt;  ///< last sign of life, or last asked for one
    bool connects = false;  ///< tells when it is connected; else it is ready at once and its calls tell
    bool isProven = false;  ///< a connection has stood
    bool hasServed = false; ///< what comes now did not wait for it to connect
};

/// The lanes of one pool: how many there are, when one is opened, retired, replaced or given up. Knows
/// nothing of calls and queues. Proxy thread.
class LaneSet final : public QObject
{
    Q_OBJECT
public:
    /// How long an upstream that asked for fewer requests must not have done so again until its pauses are
    /// short once more.
    static constexpr base::Duration CalmMemory = std::chrono::minutes(1);
    /// How long a lane above the least number may be idle.
    static constexpr base::Duration IdleMax = std::chrono::seconds(90);
    /// How long after the last call the least number of lanes is restored at health checks.
    static constexpr base::Duration DemandMemory = std::chrono::minutes(5);
    /// Retired lanes that still finish calls; as long as there are more, none is opened.
    static constexpr std::size_t RetiredMax = 32;
    /// A lane that is full to this share of its slots calls for the next one.
    static constexpr int CrowdedPercent = 90;
    /// Wall clock ahead of the monotonic one by so much between two looks: the machine has slept.
    static constexpr base::Duration SleepDrift = std::chrono::seconds(30);

    /// `clock` is borrowed.
    LaneSet(Origin origin, LaneKind kind, PoolOptions options, const base::Clock &clock, QObject *parent);
    ~LaneSet() override;

    /// The lane that the next call should take; null if none has room. Borrowed until it has died and
    /// clearDead() was called.
    PooledLane *withRoom();
    /// There are `waiting` calls without a lane and perhaps crowded lanes: opens what that takes, within the
    /// bounds.
    void grow(std::size_t waiting);
    /// A call has been started on `lane`.
    void started(PooledLane &lane, base::Instant now);
    /// Lanes that are ready now and have not carried a call do not count as waited for any longer.
    void settle();
    /// A connection of `lane` has stood.
    void prove(PooledLane &lane);
    /// A call on `lane` got no sign of life from `since` on and was ended with `error`.
    void doubt(PooledLane &lane, base::Instant since, const base::Error &error);
    /// Opens the least number of lanes and restores it from now on.
    void warm();
    /// The upstream has asked for fewer requests: a pause, and a longer one each time it asks again after it.
    void calm();
    /// How much of that pause is left; nothing is sent or connected meanwhile.
    base::Duration calmLeft() const;
    /// Whether a lane is ready or may become so.
    bool hasHope() const;
    bool isEmpty() const { return m_lanes.empty(); }
    /// How many there may be at a time, by what is known of them.
    int lanesMax() const;

    /// Ends what takes too long to connect, retires what is idle, asks the silent for a sign of life, and
    /// replaces all lanes after the machine has slept. To be called about once a second while there are
    /// lanes or calls.
    void upkeep();
    /// Frees the lanes that have died. Not from within a lane's callback.
    void clearDead();

    const Breaker &breaker() const { return m_breaker; }
    /// Why the last connection failed.
    const base::Error &connectError() const { return m_connectError; }
    LaneSetFigures figures() const;

Q_SIGNALS:
    /// There may be room now, or a reason to grow.
    void changed();
    /// A connection has failed and hasHope() is false: what waits, waits in vain.
    void hopeLost(const weir::base::Error &why);
    /// There is something for clearDead().
    void laneDied();

private:
    void open();
    bool mayOpen(base::Instant now) const;
    void keepLeast();
    void laneChanged(PooledLane &lane);
    void died(PooledLane &lane, const base::Error &why);
    void connectFailed(base::Instant began, base::Error why);
    void remove(PooledLane &lane);
    void retireIdle(base::Instant now);
    void checkHealth(base::Instant now);
    bool hasSlept(base::Instant now);
    void replaceAll();
    int count(LaneState state) const;
    int usable() const;
    std::vector<PooledLane *> all() const;

    const Origin m_origin;
    const LaneKind m_kind;
    const PoolOptions m_options;
    const base::Clock &m_clock;
    std::vector<std::unique_ptr<PooledLane>> m_lanes; // retired ones included
    std::vector<std::unique_ptr<PooledLane>> m_dead;  // until clearDead()
    Breaker m_breaker;                                // of connections
    Breaker m_calm;                                   // of requests: what the upstream has asked for
    base::Error m_connectError;
    LaneSetFigures m_gone; // counters of lanes that are no more
    bool m_isWarm = false;
    bool m_isMultiplexed = false; // its lanes carry more than one call, as far as is known
    base::Instant m_demandAt;
    base::Instant m_healthAt;
    // For finding out that the machine has slept.
    std::optional<base::Instant> m_seenAt;
    base::WallMs m_seenWall = 0;
};

} // namespace weir::upstream
