// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/flight.h"

#include <algorithm>

namespace weir::pipeline {

using base::Errc;
using base::Error;
using profiling::Stage;
using profiling::Work;

Flight::Flight(Rider &rider, llm::Api api, const base::Clock &clock)
    : m_rider(rider), m_api(api), m_clock(clock)
{
}

Flight::~Flight()
{
    Q_ASSERT(!m_call);
}

base::Result<void> Flight::launch(upstream::Pool &pool, upstream::CallRequest request, base::Instant now)
{
    m_pool = &pool;
    m_request = std::move(request);
    m_queuedAt = now;
    m_rider.timeline().mark(Stage::Queued, m_queuedAt);
    auto call = pool.submit(m_request, *this);
    if (!call)
        return base::Unexpected{call.error()};
    m_call = *call;
    return {};
}

void Flight::sendBody(QByteArray bytes)
{
    if (!m_call)
        return;
    if (m_isReplayable) {
        m_replaySize += bytes.size();
        if (m_replaySize <= ReplayMax)
            m_replay.push_back(bytes);
        else
            forgetReplay();
    }
    m_call->sendBody(std::move(bytes));
}

void Flight::endBody(base::Instant since)
{
    m_bodyEnded = true;
    m_readySince = std::max(m_readySince, since); // the lane may have come later
    if (m_call)
        m_call->endBody();
}

void Flight::pause()
{
    if (m_call)
        m_call->pause();
}

void Flight::resume()
{
    if (m_call)
        m_call->resume();
}

void Flight::cancel()
{
    if (upstream::Call *call = std::exchange(m_call, nullptr))
        call->cancel();
    if (m_meter)
        m_meter->finish();
}

void Flight::onLane(bool reused)
{
    m_laneReused = reused;
    m_gotLane = true;
    m_isUnprocessed = false;
    m_readySince = m_clock.now();
    m_laneWait += m_readySince - m_queuedAt;
    m_rider.timeline().mark(Stage::LaneAcquired, m_readySince);
}

void Flight::onConnectionAwaited(const upstream::ConnectTimes &times)
{
    // What lies before the call was there is not its waiting.
    const auto since = [this](base::Instant at) { return std::max(at, m_queuedAt); };
    profiling::Timeline &timeline = m_rider.timeline();
    timeline.mark(Stage::ConnectBegan, since(times.began));
    timeline.mark(Stage::TcpConnected, since(times.connected));
    timeline.mark(Stage::Connected, since(times.ready));
    m_laneWait -= since(times.ready) - since(times.began);
}

void Flight::onConnecting()
{
    m_laneReused = false;
    mark(Stage::ConnectBegan);
}

void Flight::onConnected()
{
    if (m_laneReused)
        return; // no connection had to be made
    m_readySince = m_clock.now();
    m_rider.timeline().mark(Stage::Connected, m_readySince);
}

void Flight::onSent()
{
    const base::Instant now = m_clock.now();
    m_rider.timeline().mark(Stage::RequestSent, now);
    m_rider.timeline().addOwn(Work::Sending, now - m_readySince);
    m_rider.onRequestSent();
}

void Flight::onBodyWanted()
{
    m_rider.onBodyWanted();
}

void Flight::onHead(http::ResponseHead head, std::string_view protocol)
{
    const base::Instant came = m_clock.now();
    m_rider.timeline().mark(Stage::ReplyBegan, came);
    forgetReplay();
    m_protocol = protocol;
    m_status = head.status;
    m_replySize = head.contentLength;
    m_showsItsEnd = head.showsItsEnd;
    if (head.status >= 300 && head.status < 400 && head.status != 304) {
        // A redirect would take the credential, and perhaps the prompt, to another host.
        cancel();
        m_rider.onReplyFailed({Errc::UpstreamRedirect, origin() + ", status " + std::to_string(head.status)});
        return;
    }
    m_meter.emplace(m_api, head);
    m_rider.onReplyHead(std::move(head), came);
}

void Flight::onChunk(QByteArray bytes)
{
    const base::Instant came = m_clock.now();
    profiling::Timeline &timeline = m_rider.timeline();
    timeline.mark(Stage::FirstChunk, came);
    m_replyBytes += bytes.size();
    if (m_replySize && m_replyBytes > *m_replySize) {
        // The surplus would be read as the beginning of the client's next reply.
        cancel();
        m_rider.onReplyFailed({Errc::UpstreamProtocol, origin() + ": more than the announced " +
                                                           std::to_string(*m_replySize) + " bytes"});
        return;
    }
    // To the client first: reading along must not hold a byte back. The copy is a reference.
    const QByteArray passed = bytes;
    m_rider.onReplyChunk(std::move(bytes), came);
    if (!m_call)
        return; // cancelled by that
    m_meter->feed({passed.constData(), std::size_t(passed.size())});
    if (m_meter->hasSeenContent())
        timeline.mark(Stage::FirstToken, came);
}

void Flight::onEnd()
{
    m_call = nullptr;
    const base::Instant came = m_clock.now();
    m_rider.timeline().mark(Stage::ReplyEnded, came);
    m_meter->finish();
    if (const auto error = incompleteness())
        m_rider.onReplyFailed(*error);
    else
        m_rider.onReplyEnd(came);
}

void Flight::onFailed(Error error, upstream::Processed processed)
{
    m_call = nullptr;
    m_isUnprocessed = processed == upstream::Processed::No && !m_meter;
    if (mayRetry(error, processed) && retry())
        return;
    forgetReplay();
    if (m_meter)
        m_meter->finish();
    m_rider.onReplyFailed(std::move(error));
}

// ── another try

bool Flight::mayRetry(const Error &error, upstream::Processed processed) const
{
    if (processed != upstream::Processed::No || m_meter || !m_isReplayable || m_retries >= RetriesMax)
        return false;
    switch (error.code) {
    // The lane has tried every address, and the pool knows when to try again: told at once, not after more of
    // the same.
    case Errc::UpstreamRefused:
    case Errc::UpstreamNotFound:
    case Errc::UpstreamTls:
    case Errc::ConnectTimeout:
    // It has waited long enough, or must not go on.
    case Errc::PoolQueueTimeout:
    case Errc::UpstreamDown:
    case Errc::Draining:
        return false;
    default:
        return true;
    }
}

bool Flight::retry()
{
    m_queuedAt = m_clock.now();
    auto call = m_pool->resubmit(m_request, *this);
    if (!call)
        return false;
    ++m_retries;
    m_call = *call;
    for (const QByteArray &bytes : m_replay)
        m_call->sendBody(bytes);
    if (m_bodyEnded)
        m_call->endBody();
    else if (!m_call->isBodyFull())
        m_rider.onBodyWanted(); // the lane that asked for a pause is no more
    return true;
}

void Flight::forgetReplay()
{
    m_isReplayable = false;
    m_replay.clear();
}

std::optional<Error> Flight::incompleteness() const
{
    // A lane that cannot tell an end from a cut calls both a success; what can tell is believed, but for an
    // answer that stops in its middle.
    if (m_request.method == "HEAD" || m_status == 204 || m_status == 304)
        return std::nullopt;
    if (m_replySize) {
        if (m_replyBytes == *m_replySize)
            return std::nullopt;
        return Error{Errc::UpstreamTruncated, origin() + ": " + std::to_string(m_replyBytes) + " of " +
                                                  std::to_string(*m_replySize) + " bytes"};
    }
    const llm::Completeness completeness = m_meter->completeness();
    if (completeness == llm::Completeness::Incomplete ||
        (completeness == llm::Completeness::Unshown && !m_showsItsEnd))
        return Error{Errc::UpstreamTruncated, origin() + (m_meter->isEventStream() ? ": no end event" : "")};
    return std::nullopt;
}

} // namespace weir::pipeline
