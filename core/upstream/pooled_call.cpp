// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/pooled_call.h"

#include "upstream/pool.h"

namespace weir::upstream {

using base::Errc;
using base::Error;

PooledCall::PooledCall(Pool &pool, const CallRequest &request, CallSink &sink, base::Instant now)
    : m_pool(pool), m_request(request), m_sink(sink), m_progressAt(now)
{
}

PooledCall::~PooledCall() = default;

void PooledCall::startOn(PooledLane &lane, bool waited, base::Instant now)
{
    m_lane = &lane;
    m_connecting = !lane.isProven;
    m_awaited = waited && lane.connects && !lane.hasServed;
    if (m_awaited)
        ++m_pool.m_counts.fresh;
    m_progressAt = now;
    m_call = lane.lane->start(m_request, *this);
    if (m_paused)
        m_call->pause();
    for (QByteArray &bytes : m_heldBody)
        m_call->sendBody(std::move(bytes));
    m_heldBody.clear();
    const bool wasFull = std::exchange(m_heldSize, 0) > BodyHighWatermark;
    if (m_bodyEnded)
        m_call->endBody();
    else if (wasFull && !m_call->isBodyFull())
        m_sink.onBodyWanted();
}

Errc PooledCall::expired(base::Instant now) const
{
    const PoolOptions &options = m_pool.options();
    const base::Duration waited = now - m_progressAt;
    if (isWaiting())
        return waited > options.queueWait ? Errc::PoolQueueTimeout : Errc::None;
    if (m_connecting)
        return waited > options.connect ? Errc::ConnectTimeout : Errc::None;
    if (!m_headSeen) { // while the client still sends, its own deadline counts
        const bool isUpstreamsTurn = m_bodyEnded || isBodyFull();
        return isUpstreamsTurn && waited > options.firstByte ? Errc::FirstByteTimeout : Errc::None;
    }
    return !m_paused && waited > options.idle ? Errc::IdleTimeout : Errc::None;
}

void PooledCall::expire(const Error &error)
{
    PooledLane *lane = m_lane;
    const base::Instant since = m_progressAt;
    fail(error);
    if (lane)
        m_pool.m_lanes.doubt(*lane, since, error);
}

void PooledCall::fail(Error error)
{
    if (m_call)
        m_call->cancel();
    onFailed(std::move(error), isWaiting() || m_connecting ? Processed::No : Processed::Maybe);
}

void PooledCall::progress()
{
    m_progressAt = m_pool.m_clock.coarseNow();
    if (m_lane)
        m_lane->aliveAt = m_progressAt;
}

void PooledCall::left()
{
    if (m_lane)
        m_lane->usedAt = m_pool.m_clock.coarseNow();
}

void PooledCall::sendBody(QByteArray bytes)
{
    if (m_call) {
        m_progressAt = m_pool.m_clock.coarseNow();
        m_call->sendBody(std::move(bytes));
        return;
    }
    m_heldSize += bytes.size();
    m_heldBody.push_back(std::move(bytes));
}

void PooledCall::endBody()
{
    m_bodyEnded = true;
    if (!m_call)
        return;
    m_progressAt = m_pool.m_clock.coarseNow();
    m_call->endBody();
}

bool PooledCall::isBodyFull() const
{
    return m_call ? m_call->isBodyFull() : m_heldSize > BodyHighWatermark;
}

void PooledCall::pause()
{
    m_paused = true;
    if (m_call)
        m_call->pause();
}

void PooledCall::resume()
{
    m_paused = false;
    m_progressAt = m_pool.m_clock.coarseNow(); // the upstream could not send while it was paused
    if (m_call)
        m_call->resume();
}

void PooledCall::cancel()
{
    if (m_call)
        m_call->cancel();
    left();
    m_pool.ended(*this, nullptr);
}

void PooledCall::onLane(bool reused)
{
    m_sink.onLane(reused && !m_awaited);
    if (!m_awaited)
        return;
    if (const auto times = m_lane->lane->figures().times)
        m_sink.onConnectionAwaited(*times);
}

void PooledCall::onConnecting()
{
    m_connecting = true;
    ++m_pool.m_counts.fresh;
    m_sink.onConnecting();
}

void PooledCall::onConnected()
{
    m_connecting = false;
    progress();
    m_pool.m_lanes.prove(*m_lane);
    m_sink.onConnected();
}

void PooledCall::onSent()
{
    progress();
    m_sink.onSent();
}

void PooledCall::onBodyWanted()
{
    m_sink.onBodyWanted();
}

void PooledCall::onHead(http::ResponseHead head, std::string_view protocol)
{
    m_connecting = false;
    m_headSeen = true;
    progress();
    m_pool.m_lanes.prove(*m_lane);
    m_sink.onHead(std::move(head), protocol);
}

void PooledCall::onChunk(QByteArray bytes)
{
    progress();
    m_sink.onChunk(std::move(bytes));
}

void PooledCall::onEnd()
{
    CallSink &sink = m_sink;
    ++m_pool.m_counts.succeeded;
    left();
    m_pool.ended(*this, nullptr);
    sink.onEnd();
}

void PooledCall::onFailed(Error error, Processed processed)
{
    CallSink &sink = m_sink;
    if (error.code == Errc::UpstreamCalm) {
        const base::Duration left = m_pool.m_lanes.calmLeft();
        error.retryAfterSeconds = int(std::chrono::ceil<std::chrono::seconds>(left).count());
    }
    left();
    m_pool.ended(*this, &error);
    sink.onFailed(std::move(error), processed);
}

} // namespace weir::upstream
