// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/pool_state.h"

namespace weir::engine {

namespace {

metrics::Breaker breakerState(upstream::BreakerState state)
{
    switch (state) {
    case upstream::BreakerState::Closed:
        return metrics::Breaker::Closed;
    case upstream::BreakerState::Open:
        return metrics::Breaker::Open;
    case upstream::BreakerState::HalfOpen:
        return metrics::Breaker::HalfOpen;
    }
    return metrics::Breaker::Closed;
}

} // namespace

metrics::PoolState poolState(const upstream::Pool &pool)
{
    const upstream::PoolFigures figures = pool.figures();
    const upstream::LaneSetFigures &lanes = figures.lanes;
    metrics::PoolState state;
    state.provider = pool.name();
    state.origin = pool.originText();
    state.protocol = lanes.protocol;
    state.transport = pool.kind().transport;
    state.notice = pool.kind().notice;
    state.breaker = breakerState(lanes.breaker);
    state.connecting = lanes.connecting;
    state.active = lanes.active;
    state.idle = lanes.idle;
    state.retired = lanes.retired;
    state.lanesMax = lanes.most;
    state.inFlight = lanes.inFlight;
    state.used = lanes.used;
    state.slots = lanes.slots;
    state.waiting = figures.waiting;
    state.waitingBackground = figures.waitingBackground;
    state.queueMax = pool.options().queueMax;
    state.calls = figures.calls;
    state.started = figures.started;
    state.fresh = figures.fresh;
    state.succeeded = figures.succeeded;
    state.failures = figures.failures;
    state.retries = figures.retries;
    state.failuresByKind.assign(figures.failuresByKind.begin(), figures.failuresByKind.end());
    state.connections = lanes.connections;
    state.connectFailures = lanes.connectFailures;
    if (pool.kind().seesFrames) {
        state.goAways = lanes.goAways;
        state.resets = lanes.resets;
    }
    state.wakeUps = lanes.wakeUps;
    if (lanes.times) {
        state.connectTime = lanes.times->connected - lanes.times->began;
        state.tlsTime = lanes.times->ready - lanes.times->connected;
    }
    state.roundTrip = lanes.roundTrip;
    state.lastError = figures.lastError;
    return state;
}

} // namespace weir::engine
