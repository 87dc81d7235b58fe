// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/lane_set.h"

#include <algorithm>

namespace weir::upstream {

using base::Errc;
using base::Error;

LaneSet::LaneSet(Origin origin, LaneKind kind, PoolOptions options, const base::Clock &clock, QObject *parent)
    : QObject(parent)
    , m_origin(std::move(origin))
    , m_kind(std::move(kind))
    , m_options(options)
    , m_clock(clock)
    , m_isMultiplexed(m_origin.tls) // HTTP/2 is likely over TLS and never spoken in cleartext
    , m_healthAt(clock.now())
{
}

LaneSet::~LaneSet()
{
    for (const auto &lane : m_lanes)
        lane->lane->disconnect(this); // what a lane tells while it goes is not listened to any more
}

// ── choosing

PooledLane *LaneSet::withRoom()
{
    // The fullest one that still has room: few busy connections carry more than many half idle ones. Among
    // equals the one used last, so that the others can grow old.
    PooledLane *best = nullptr;
    if (calmLeft() > base::Duration::zero())
        return nullptr;
    for (const auto &lane : m_lanes) {
        if (lane->lane->freeSlots() <= 0)
            continue;
        if (!best || lane->lane->inFlight() > best->lane->inFlight() ||
            (lane->lane->inFlight() == best->lane->inFlight() && lane->usedAt > best->usedAt))
            best = lane.get();
    }
    return best;
}

void LaneSet::started(PooledLane &lane, base::Instant now)
{
    m_demandAt = now;
    lane.usedAt = now;
    lane.aliveAt = now;
    const int used = lane.lane->inFlight();
    const int slots = used + lane.lane->freeSlots();
    if (slots > 1 && used * 100 >= slots * CrowdedPercent)
        grow(0);
    keepLeast();
}

void LaneSet::settle()
{
    for (const auto &lane : m_lanes)
        lane->hasServed = lane->hasServed || lane->lane->state() == LaneState::Ready;
}

// ── growing

void LaneSet::grow(std::size_t waiting)
{
    const base::Instant now = m_clock.now();
    if (waiting > 0)
        m_demandAt = now;
    // One connecting lane is enough for everybody if it will carry many calls; else each needs its own.
    const std::size_t enough = m_isMultiplexed ? std::min<std::size_t>(waiting, 1) : waiting;
    while (std::size_t(count(LaneState::Connecting)) < enough && mayOpen(now)) {
        open();
        if (withRoom())
            return; // of the kind that is ready at once
    }
    if (waiting > 0 || count(LaneState::Connecting) > 0)
        return;
    const bool allCrowded = std::all_of(m_lanes.begin(), m_lanes.end(), [](const auto &lane) {
        const int used = lane->lane->inFlight();
        const int slots = used + lane->lane->freeSlots();
        return lane->lane->state() != LaneState::Ready || used * 100 >= slots * CrowdedPercent;
    });
    if (allCrowded && mayOpen(now))
        open();
}

void LaneSet::keepLeast()
{
    // One after the other, and the first must have shown that there is a way.
    if (usable() >= m_options.lanesMin)
        return;
    const bool isProven = std::any_of(m_lanes.begin(), m_lanes.end(), [](const auto &lane) {
        return lane->isProven && lane->lane->state() == LaneState::Ready;
    });
    if (isProven && count(LaneState::Connecting) == 0 && mayOpen(m_clock.now()))
        open();
}

void LaneSet::warm()
{
    m_isWarm = true;
    while (usable() < m_options.lanesMin && mayOpen(m_clock.now()))
        open();
}

int LaneSet::lanesMax() const
{
    return m_isMultiplexed ? m_options.lanesMax : m_options.lanesMaxSingle;
}

bool LaneSet::mayOpen(base::Instant now) const
{
    const auto used = std::size_t(usable());
    return used < std::size_t(lanesMax()) && m_lanes.size() - used < RetiredMax &&
           m_breaker.mayTry(now, count(LaneState::Connecting)) && calmLeft() == base::Duration::zero();
}

void LaneSet::open()
{
    const base::Instant now = m_clock.now();
    m_lanes.push_back(std::make_unique<PooledLane>());
    PooledLane &entry = *m_lanes.back();
    entry.lane = m_kind.make(m_origin);
    Q_ASSERT(entry.lane->needsBodySize() == m_kind.needsBodySize);
    entry.openedAt = entry.usedAt = entry.aliveAt = now;
    connect(entry.lane.get(), &Lane::slotsChanged, this, [this, &entry] { laneChanged(entry); });
    connect(entry.lane.get(), &Lane::calmAsked, this, &LaneSet::calm);
    connect(entry.lane.get(), &Lane::died, this, [this, &entry](const Error &why) { died(entry, why); });
    entry.lane->open();
    entry.connects = entry.lane->state() == LaneState::Connecting;
}

void LaneSet::prove(PooledLane &lane)
{
    if (std::exchange(lane.isProven, true))
        return;
    m_breaker.succeeded();
    m_isMultiplexed = lane.lane->inFlight() + lane.lane->freeSlots() > 1;
}

void LaneSet::doubt(PooledLane &lane, base::Instant since, const Error &error)
{
    if (lane.lane->state() == LaneState::Ready)
        lane.lane->suspect();
    if (isConnectFailure(error.code))
        connectFailed(since, error);
}

void LaneSet::laneChanged(PooledLane &lane)
{
    if (lane.connects && lane.lane->state() == LaneState::Ready)
        prove(lane);
    Q_EMIT changed();
}

// ── ends of lanes

void LaneSet::died(PooledLane &lane, const Error &why)
{
    remove(lane);
    const bool neverStood = lane.connects && !lane.isProven;
    if (neverStood || isConnectFailure(why.code)) {
        const Error told = why.code == Errc::None ? Error{Errc::UpstreamClosed, m_origin.text()} : why;
        connectFailed(lane.isProven ? m_clock.now() : lane.openedAt, told);
    }
    Q_EMIT changed();
}

void LaneSet::remove(PooledLane &lane)
{
    lane.lane->disconnect(this);
    const LaneFigures last = lane.lane->figures();
    m_gone.connections += last.connections;
    m_gone.goAways += last.goAways;
    m_gone.resets += last.resets;
    const auto found =
        std::find_if(m_lanes.begin(), m_lanes.end(), [&](const auto &entry) { return entry.get() == &lane; });
    Q_ASSERT(found != m_lanes.end());
    m_dead.push_back(std::move(*found)); // it may be on the stack: freed later
    m_lanes.erase(found);
    Q_EMIT laneDied();
}

void LaneSet::connectFailed(base::Instant began, Error why)
{
    ++m_gone.connectFailures;
    m_breaker.failed(began, m_clock.now());
    m_connectError = std::move(why);
    if (!hasHope())
        Q_EMIT hopeLost(m_connectError);
}

void LaneSet::calm()
{
    const base::Instant now = m_clock.now();
    if (now < m_calm.retryAt())
        return; // it counts with the one that the pause is for
    if (now - m_calm.retryAt() > CalmMemory)
        m_calm.succeeded();
    m_calm.failed(now, now);
}

base::Duration LaneSet::calmLeft() const
{
    if (m_calm.failures() == 0)
        return {};
    return std::max(m_calm.retryAt() - m_clock.now(), base::Duration::zero());
}

bool LaneSet::hasHope() const
{
    return usable() > 0;
}

void LaneSet::clearDead()
{
    m_dead.clear();
}

// ── upkeep

void LaneSet::upkeep()
{
    const base::Instant now = m_clock.now();
    for (PooledLane *lane : all()) {
        if (lane->lane->state() == LaneState::Connecting && now - lane->openedAt > m_options.connect)
            died(*lane, {Errc::ConnectTimeout, m_origin.text()});
    }
    if (hasSlept(now))
        replaceAll();
    retireIdle(now);
    if (now - m_healthAt >= m_options.health) {
        m_healthAt = now;
        checkHealth(now);
    }
}

void LaneSet::retireIdle(base::Instant now)
{
    int spare = usable() - m_options.lanesMin;
    for (PooledLane *lane : all()) {
        const bool isIdle = lane->lane->state() == LaneState::Ready && lane->lane->inFlight() == 0;
        if (spare > 0 && isIdle && now - lane->usedAt > IdleMax) {
            --spare;
            lane->lane->retire();
        }
    }
}

void LaneSet::checkHealth(base::Instant now)
{
    for (PooledLane *lane : all()) {
        if (lane->lane->state() != LaneState::Ready || now - lane->aliveAt < m_options.health)
            continue;
        lane->aliveAt = now;
        lane->lane->checkHealth();
    }
    // Only now and then, so that an upstream that closes idle connections is not called all the time.
    if (m_isWarm || (m_demandAt != base::Instant{} && now - m_demandAt < DemandMemory)) {
        while (usable() < m_options.lanesMin && mayOpen(now))
            open();
    }
}

bool LaneSet::hasSlept(base::Instant now)
{
    const base::WallMs wall = m_clock.wallNow();
    const auto seenAt = std::exchange(m_seenAt, now);
    const base::WallMs seenWall = std::exchange(m_seenWall, wall);
    if (!seenAt)
        return false;
    const base::Duration walled = std::chrono::milliseconds(wall - seenWall);
    return walled - (now - *seenAt) > SleepDrift;
}

void LaneSet::replaceAll()
{
    ++m_gone.wakeUps;
    m_breaker.succeeded(); // what was true before the sleep says nothing
    for (PooledLane *lane : all()) {
        if (lane->lane->state() == LaneState::Connecting) {
            remove(*lane); // its packets went to a network that may be gone
            continue;
        }
        if (lane->lane->inFlight() > 0)
            lane->lane->suspect(); // its calls may still be alive
        if (lane->lane->state() == LaneState::Ready)
            lane->lane->retire();
    }
    if (m_isWarm)
        warm();
    Q_EMIT changed();
}

// ── counting

int LaneSet::count(LaneState state) const
{
    return int(std::count_if(m_lanes.begin(), m_lanes.end(),
                             [state](const auto &lane) { return lane->lane->state() == state; }));
}

int LaneSet::usable() const
{
    return count(LaneState::Connecting) + count(LaneState::Ready);
}

std::vector<PooledLane *> LaneSet::all() const
{
    // What is done with one may remove it.
    std::vector<PooledLane *> all;
    all.reserve(m_lanes.size());
    for (const auto &lane : m_lanes)
        all.push_back(lane.get());
    return all;
}

LaneSetFigures LaneSet::figures() const
{
    LaneSetFigures figures = m_gone;
    figures.breaker = m_breaker.state(m_clock.now());
    figures.most = lanesMax();
    for (const auto &entry : m_lanes) {
        const LaneState state = entry->lane->state();
        LaneFigures of = entry->lane->figures();
        figures.connecting += state == LaneState::Connecting;
        figures.active += state == LaneState::Ready && of.inFlight > 0;
        figures.idle += state == LaneState::Ready && of.inFlight == 0;
        figures.retired += state == LaneState::Retired;
        figures.inFlight += of.inFlight;
        figures.used += state == LaneState::Ready ? of.inFlight : 0;
        figures.slots += state == LaneState::Ready ? of.slots : 0;
        figures.connections += of.connections;
        figures.goAways += of.goAways;
        figures.resets += of.resets;
        if (figures.protocol.empty())
            figures.protocol = std::move(of.protocol);
        if (of.times)
            figures.times = of.times; // the newest lane is the last one
        if (of.roundTrip)
            figures.roundTrip = of.roundTrip;
    }
    return figures;
}

} // namespace weir::upstream
