// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/pool.h"

#include "upstream/pooled_call.h"
#include <chrono>

namespace weir::upstream {

using base::Errc;
using base::Error;

Pool::Pool(std::string name, Origin origin, LaneKind kind, PoolOptions options, const base::Clock &clock,
           QObject *parent)
    : QObject(parent)
    , m_name(std::move(name))
    , m_origin(std::move(origin))
    , m_originText(m_origin.text())
    , m_kind(std::move(kind))
    , m_options(options)
    , m_clock(clock)
    , m_lanes(m_origin, m_kind, options, clock, nullptr)
{
    connect(&m_sweep, &QTimer::timeout, this, &Pool::sweep);
    connect(&m_lanes, &LaneSet::changed, this, &Pool::dispatchSoon);
    connect(&m_lanes, &LaneSet::hopeLost, this, &Pool::failWaiting);
    connect(&m_lanes, &LaneSet::laneDied, &m_nextTurn, &base::NextTurn::ask);
}

Pool::~Pool()
{
    Q_ASSERT(m_calls.empty());
    m_ended.clear(); // before the lanes they came from
}

// ── calls come

base::Result<void> Pool::checkRoom(base::Instant now) const
{
    if (m_isDraining)
        return base::unexpected(Errc::Draining);
    const Breaker &breaker = m_lanes.breaker();
    if (breaker.state(now) == BreakerState::Open && !m_lanes.hasHope()) {
        const auto wait = std::chrono::ceil<std::chrono::seconds>(breaker.retryAt() - now).count();
        Error error{Errc::UpstreamDown, m_name + " (" + m_originText +
                                            "): " + std::to_string(breaker.failures()) +
                                            " connections in a row failed, the last because " +
                                            base::describe(m_lanes.connectError()) +
                                            "; the next is tried in " + std::to_string(wait) + " s"};
        error.retryAfterSeconds = int(wait);
        return base::Unexpected{std::move(error)};
    }
    return {};
}

base::Result<Call *> Pool::submit(const CallRequest &request, CallSink &sink)
{
    const base::Instant now = m_clock.coarseNow();
    if (auto room = checkRoom(now); !room)
        return base::Unexpected{room.error()};
    PooledLane *lane = nullptr;
    if (m_queue.empty())
        lane = m_lanes.withRoom();
    if (!lane) {
        if (int(m_queue.size()) >= m_options.queueMax)
            return base::unexpected(Errc::PoolQueueFull,
                                    m_name + ", pool.queue_max = " + std::to_string(m_options.queueMax));
        m_lanes.grow(m_queue.size() + 1);
        if (m_queue.empty())
            lane = m_lanes.withRoom();
    }
    PooledCall &call = make(request, sink, now);
    if (lane)
        start(call, *lane, false, now);
    else
        m_queue.push(call, request.priority);
    return &call;
}

base::Result<Call *> Pool::resubmit(const CallRequest &request, CallSink &sink)
{
    const base::Instant now = m_clock.coarseNow();
    if (auto room = checkRoom(now); !room)
        return base::Unexpected{room.error()};
    // Beyond queueMax by as many as were on lanes at most: they have been let in before.
    PooledCall &call = make(request, sink, now);
    ++m_counts.retries;
    m_queue.pushFirst(call, request.priority);
    dispatchSoon();
    return &call;
}

PooledCall &Pool::make(const CallRequest &request, CallSink &sink, base::Instant now)
{
    auto owned = std::make_unique<PooledCall>(*this, request, sink, now);
    PooledCall &call = *owned;
    m_calls.emplace(&call, std::move(owned));
    ++m_counts.calls;
    keepTime();
    return call;
}

void Pool::start(PooledCall &call, PooledLane &lane, bool waited, base::Instant now)
{
    ++m_counts.started;
    call.startOn(lane, waited, now);
    m_lanes.started(lane, now);
}

// ── calls wait

void Pool::dispatchSoon()
{
    // From the event loop: room comes in the middle of a callback of the call that took it.
    m_isDispatchDue = true;
    m_nextTurn.ask();
}

void Pool::turn()
{
    // What has ended was on the stack, and is freed now: calls before the lanes they were on.
    m_ended.clear();
    m_lanes.clearDead();
    if (std::exchange(m_isDispatchDue, false))
        dispatch();
}

void Pool::dispatch()
{
    const base::Instant now = m_clock.coarseNow();
    while (!m_queue.empty()) {
        PooledLane *lane = m_lanes.withRoom();
        if (!lane) {
            m_lanes.grow(m_queue.size());
            lane = m_lanes.withRoom(); // of the kind that is ready at once
        }
        if (!lane)
            break;
        start(*m_queue.pop(), *lane, true, now);
    }
    m_lanes.settle();
    keepTime();
}

void Pool::failWaiting(const Error &why)
{
    for (PooledCall *call : m_queue.all()) {
        if (m_calls.contains(call)) // what one failure causes may end another
            call->fail(why);
    }
}

void Pool::warm()
{
    m_lanes.warm();
    keepTime();
}

void Pool::drain()
{
    m_isDraining = true;
    failWaiting({Errc::Draining, {}});
}

// ── time passes

void Pool::sweep()
{
    const base::Instant now = m_clock.now();
    std::vector<std::pair<PooledCall *, Errc>> expired;
    for (const auto &[call, owned] : m_calls) {
        if (const Errc code = call->expired(now); code != Errc::None)
            expired.emplace_back(call, code);
    }
    for (const auto &[call, code] : expired) {
        if (m_calls.contains(call)) // what one failure causes may end another
            call->expire({code, m_name + " (" + m_originText + ")"});
    }
    if (!m_isDraining) // nobody will need another lane
        m_lanes.upkeep();
    if (!m_queue.empty())
        dispatchSoon(); // a pause after a failed connection may be over
    if (m_calls.empty() && m_lanes.isEmpty())
        m_sweep.stop();
    else if (m_sweep.interval() < sweepInterval())
        m_sweep.start(sweepInterval());
}

/// Sees to it that the sweep comes in time. That it may come less often is left to the sweep itself: between
/// any two requests that follow each other the timer would be started twice.
void Pool::keepTime()
{
    if (m_calls.empty() && m_lanes.isEmpty())
        return;
    if (!m_sweep.isActive() || m_sweep.interval() > sweepInterval())
        m_sweep.start(sweepInterval());
}

// ── calls end

void Pool::ended(PooledCall &call, const Error *error)
{
    if (error) {
        ++m_counts.failures;
        ++m_counts.failuresByKind[error->code];
        m_counts.lastError = base::describe(*error);
    }
    if (call.isWaiting())
        m_queue.remove(call, call.priority());
    auto node = m_calls.extract(&call);
    Q_ASSERT(!node.empty());
    m_ended.push_back(std::move(node.mapped()));
    m_nextTurn.ask(); // it is on the stack
}

PoolFigures Pool::figures() const
{
    PoolFigures figures = m_counts;
    figures.lanes = m_lanes.figures();
    figures.waiting = int(m_queue.size());
    figures.waitingBackground = int(m_queue.size(Priority::Background));
    return figures;
}

} // namespace weir::upstream
