// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "upstream/call.h"
#include <deque>
#include <memory>

namespace weir::upstream {

class Lane;
class Pool;

/// Bytes of a request body that a call holds while it waits for a lane, or that a lane has not sent yet,
/// above which the client is paused; below half of it the client goes on.
inline constexpr qsizetype BodyHighWatermark = 256 * 1024;

/// A call as the pool sees it: first in the queue, then on a lane. Stands between the lane and the caller's
/// sink, so that the pool can count and time it.
class PooledCall final : public Call, private CallSink
{
public:
    PooledCall(Pool &pool, CallRequest request, CallSink &sink, base::Instant now);
    ~PooledCall() override;

    /// Leaves the queue for `lane`.
    void startOn(Lane &lane, base::Instant now);
    bool isWaiting() const { return m_lane == nullptr; }
    /// The deadline that has passed, or Errc::None.
    base::Errc expired(base::Instant now) const;
    /// Ends it from the pool's side: the lane's call is cancelled, the sink told.
    void fail(base::Error error);

    // Call
    void sendBody(QByteArray bytes) override;
    void endBody() override;
    bool isBodyFull() const override;
    void pause() override;
    void resume() override;
    void cancel() override;

private:
    // CallSink, from the lane
    void onLane(bool reused) override;
    void onConnecting() override;
    void onConnected() override;
    void onSent() override;
    void onBodyWanted() override;
    void onHead(http::ResponseHead head, std::string_view protocol) override;
    void onChunk(QByteArray bytes) override;
    void onEnd() override;
    void onFailed(base::Error error, Processed processed) override;

    Pool &m_pool;
    CallRequest m_request;
    CallSink &m_sink;
    Lane *m_lane = nullptr;
    std::unique_ptr<Call> m_call; // the lane's

    std::deque<QByteArray> m_heldBody; // given before there was a lane
    qsizetype m_heldSize = 0;
    bool m_bodyEnded = false;
    bool m_paused = false;
    bool m_connecting = false; // no connection stood yet when the lane took it
    bool m_headSeen = false;
    base::Instant m_progressAt; // of the phase it is in
};

} // namespace weir::upstream
