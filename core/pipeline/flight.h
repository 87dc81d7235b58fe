// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "llm/reply_meter.h"
#include "profiling/timeline.h"
#include "upstream/pool.h"
#include <optional>
#include <string>
#include <vector>

namespace weir::pipeline {

/// Who a flight is made for. Implemented by Exchange.
/// Order: onReplyHead, onReplyChunk*, then exactly one of onReplyEnd and onReplyFailed; nothing follows.
class Rider
{
public:
    virtual profiling::Timeline &timeline() = 0;
    virtual void onBodyWanted() = 0;
    /// The whole request has been handed to the connection. Again after another try.
    virtual void onRequestSent() {}
    /// `came`: when it came from the lane.
    virtual void onReplyHead(http::ResponseHead head, base::Instant came) = 0;
    virtual void onReplyChunk(QByteArray bytes, base::Instant came) = 0;
    virtual void onReplyEnd(base::Instant came) = 0;
    virtual void onReplyFailed(base::Error error) = 0;

protected:
    ~Rider() = default;
};

/// One request to an upstream for a rider: sends it, again if it is proven that nothing was processed, meters
/// the reply as it passes, and says whether it was whole.
class Flight final : private upstream::CallSink
{
public:
    /// Further tries after the first, at most.
    static constexpr int RetriesMax = 1;
    /// Bytes of a request body that are kept for another try until the reply begins; a larger one is sent
    /// once. The pieces are shared with the lane, not copied.
    static constexpr qsizetype ReplayMax = 1024 * 1024;

    /// `rider` and `clock` are borrowed for the flight's life.
    Flight(Rider &rider, llm::Api api, const base::Clock &clock);
    ~Flight();
    Flight(const Flight &) = delete;
    Flight &operator=(const Flight &) = delete;

    /// Hands the request to the pool, which is borrowed for the flight's life. An error means that nothing
    /// was sent and nothing follows. `now`: the time at which it is handed over.
    base::Result<void> launch(upstream::Pool &pool, upstream::CallRequest request, base::Instant now);

    void sendBody(QByteArray bytes);
    /// `since`: when Weir had the last of it.
    void endBody(base::Instant since);
    bool isBodyFull() const { return m_call && m_call->isBodyFull(); }
    void pause();
    void resume();
    /// Ends the call at once; nothing follows.
    void cancel();
    /// Keeps no more of the body for another try, which there will not be then.
    void forgetReplay();
    /// Bytes of the body that are kept for it.
    qsizetype replaySize() const { return m_isReplayable ? m_replaySize : 0; }

    /// What the reply has said so far; final once it has ended.
    const llm::ReplyMeter *meter() const { return m_meter ? &*m_meter : nullptr; }
    const std::string &protocol() const { return m_protocol; }
    bool laneReused() const { return m_laneReused; }
    /// Whether a lane has ever taken it.
    bool gotLane() const { return m_gotLane; }
    /// It ended, and the lane proves that the upstream has not worked on it.
    bool isUnprocessed() const { return m_isUnprocessed; }
    int status() const { return m_status; } ///< of the reply; 0 = none yet
    int retries() const { return m_retries; }
    /// True once the announced bytes of the reply have all come.
    bool hasWholeBody() const { return m_replySize && m_replyBytes == *m_replySize; }
    /// How long it waited for a lane that was not free, without the time of making a connection.
    base::Duration laneWait() const { return m_laneWait; }

private:
    // upstream::CallSink
    void onLane(bool reused) override;
    void onConnecting() override;
    void onConnected() override;
    void onConnectionAwaited(const upstream::ConnectTimes &times) override;
    void onSent() override;
    void onBodyWanted() override;
    void onHead(http::ResponseHead head, std::string_view protocol) override;
    void onChunk(QByteArray bytes) override;
    void onEnd() override;
    void onFailed(base::Error error, upstream::Processed processed) override;

    void mark(profiling::Stage stage) { m_rider.timeline().mark(stage, m_clock.now()); }
    std::string origin() const { return m_pool->name() + " (" + m_pool->originText() + ")"; }
    bool mayRetry(const base::Error &error, upstream::Processed processed) const;
    bool retry();
    std::optional<base::Error> incompleteness() const;

    Rider &m_rider;
    const llm::Api m_api;
    const base::Clock &m_clock;
    upstream::Pool *m_pool = nullptr;
    upstream::CallRequest m_request;  // the pool borrows it
    upstream::Call *m_call = nullptr; // borrowed until the call ends
    // For another try.
    std::vector<QByteArray> m_replay;
    qsizetype m_replaySize = 0;
    bool m_isReplayable = true;
    bool m_bodyEnded = false;
    int m_retries = 0;

    std::optional<llm::ReplyMeter> m_meter;
    std::optional<std::int64_t> m_replySize; // announced
    bool m_showsItsEnd = false;
    std::int64_t m_replyBytes = 0;
    int m_status = 0;
    std::string m_protocol;
    bool m_laneReused = false;
    bool m_gotLane = false;
    bool m_isUnprocessed = false;
    base::Instant m_queuedAt;
    base::Duration m_laneWait{};
    base::Instant m_readySince; // since when the lane and the client's last byte have both been there
};

} // namespace weir::pipeline
