// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/pool.h"

#include "upstream/pooled_call.h"
#include <algorithm>

namespace weir::upstream {

using base::Errc;
using base::Error;

Pool::Pool(std::string name, Origin origin, PoolOptions options, LaneFactory makeLane,
           const base::Clock &clock, QObject *parent)
    : QObject(parent)
    , m_name(std::move(name))
    , m_origin(std::move(origin))
    , m_options(options)
    , m_makeLane(std::move(makeLane))
    , m_clock(clock)
{
    m_sweep.setInterval(DeadlineSweepMs);
    connect(&m_sweep, &QTimer::timeout, this, &Pool::sweep);
}

Pool::~Pool()
{
    Q_ASSERT(m_calls.empty());
    m_ended.clear(); // before the lanes they came from
}

base::Result<Call *> Pool::submit(CallRequest request, CallSink &sink)
{
    if (m_draining)
        return base::unexpected(Errc::Draining);
    Lane *lane = m_queue.empty() ? laneWithRoom() : nullptr;
    if (!lane && int(m_queue.size()) >= m_options.queueMax)
        return base::unexpected(Errc::PoolQueueFull,
                                m_name + ", pool.queue_max = " + std::to_string(m_options.queueMax));

    const base::Instant now = m_clock.now();
    auto owned = std::make_unique<PooledCall>(*this, std::move(request), sink, now);
    PooledCall *call = owned.get();
    m_calls.emplace(call, std::move(owned));
    ++m_callCount;
    if (lane)
        call->startOn(*lane, now);
    else
        m_queue.push_back(call);
    if (!m_sweep.isActive())
        m_sweep.start();
    return call;
}

Lane *Pool::laneWithRoom()
{
    // The fullest one that still has room: few busy connections carry more than many half idle ones.
    Lane *best = nullptr;
    for (const auto &lane : m_lanes) {
        if (lane->freeSlots() > 0 && (!best || lane->inFlight() > best->inFlight()))
            best = lane.get();
    }
    if (!best && int(m_lanes.size()) < m_options.lanesMax)
        best = addLane();
    return best;
}

Lane *Pool::addLane()
{
    m_lanes.push_back(m_makeLane(m_origin));
    Lane *lane = m_lanes.back().get();
    // Queued: a slot becomes free in the middle of a callback of the call that held it.
    connect(lane, &Lane::slotsChanged, this, &Pool::dispatch, Qt::QueuedConnection);
    return lane;
}

void Pool::dispatch()
{
    while (!m_queue.empty()) {
        Lane *lane = laneWithRoom();
        if (!lane)
            return;
        PooledCall *call = m_queue.front();
        m_queue.pop_front();
        call->startOn(*lane, m_clock.now());
    }
}

void Pool::warm()
{
    while (int(m_lanes.size()) < std::min(m_options.lanesMin, m_options.lanesMax))
        addLane()->open();
}

void Pool::drain()
{
    m_draining = true;
    const std::deque<PooledCall *> waiting = m_queue;
    for (PooledCall *call : waiting)
        call->fail({Errc::Draining, {}});
}

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
            call->fail({code, m_name + " (" + m_origin.text() + ")"});
    }
    if (m_calls.empty())
        m_sweep.stop();
}

void Pool::ended(PooledCall &call, const Error *error)
{
    if (error) {
        ++m_failureCount;
        m_lastError = base::describe(*error);
    }
    if (call.isWaiting())
        std::erase(m_queue, &call);
    forget(call);
}

void Pool::forget(PooledCall &call)
{
    // The call is on the stack: it is freed later.
    auto node = m_calls.extract(&call);
    Q_ASSERT(!node.empty());
    if (m_ended.empty())
        QMetaObject::invokeMethod(
            this, [this] { m_ended.clear(); }, Qt::QueuedConnection);
    m_ended.push_back(std::move(node.mapped()));
}

PoolFigures Pool::figures() const
{
    PoolFigures figures;
    figures.lanes = int(m_lanes.size());
    figures.waiting = int(m_queue.size());
    figures.calls = m_callCount;
    figures.failures = m_failureCount;
    figures.lastError = m_lastError;
    for (const auto &lane : m_lanes) {
        figures.inFlight += lane->inFlight();
        LaneFigures of = lane->figures();
        figures.connections += of.connections;
        if (figures.protocol.empty())
            figures.protocol = std::move(of.protocol);
    }
    return figures;
}

} // namespace weir::upstream
