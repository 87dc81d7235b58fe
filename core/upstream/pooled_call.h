// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "upstream/call.h"
#include <memory>
#include <vector>

namespace weir::upstream {

class Pool;
struct PooledLane;

/// Bytes of a request body that a call holds while it waits for a lane, or that a lane has not sent yet,
/// above which the client is paused; below half of it the client goes on.
inline constexpr qsizetype BodyHighWatermark = 256 * 1024;

/// A call as the pool sees it: first in the queue, then on a lane. Stands between the lane and the caller's
/// sink, so that the pool can count and time it.
class PooledCall final : public Call, private CallSink
{
public:
    /// `request` and `sink` are borrowed until it ends.
    PooledCall(Pool &pool, const CallRequest &request, CallSink &sink, base::Instant now);
    ~PooledCall() override;

    /// Gets its place on `lane`; `waited`: after a time in the queue.
    void startOn(PooledLane &lane, bool waited, base::Instant now);
    bool isWaiting() const { return m_lane == nullptr; }
    Priority priority() const { return m_request.priority; }
    /// The deadline that has passed, or Errc::None.
    base::Errc expired(base::Instant now) const;
    /// Ends it because a deadline has passed, and casts doubt on its lane.
    void expire(const base::Error &error);
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

    void progress();
    void left();

    Pool &m_pool;
    const CallRequest &m_request;
    CallSink &m_sink;
    PooledLane *m_lane = nullptr; // its pool's, kept until the call is freed
    std::unique_ptr<Call> m_call; // the lane's

    std::vector<QByteArray> m_heldBody; // given before there was a lane
    qsizetype m_heldSize = 0;
    bool m_bodyEnded = false;
    bool m_paused = false;
    bool m_connecting = false; // no connection stood yet when the lane took it
    bool m_awaited = false;    // it waited in the queue while its lane connected
    bool m_headSeen = false;
    base::Instant m_progressAt; // of the phase it is in
};

} // namespace weir::upstream
