// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/lane_kind.h"
#include "upstream/pool.h"
#include <memory>
#include <vector>

namespace weir::micro {

class NullLane;

/// What every call gets for an answer.
struct NullAnswer
{
    http::ResponseHead head;
    std::vector<QByteArray> chunks;
};

/// An upstream that costs next to nothing: its lanes always stand, take what they get, and answer when they
/// are told to. Everything that is measured over it is Weir's own work. Outlives the pools that use it.
class NullUpstream
{
public:
    /// `slotsEach`: calls that one lane carries at once.
    explicit NullUpstream(NullAnswer answer, int slotsEach = 100);
    ~NullUpstream();

    upstream::LaneKind laneKind();

    /// Head, chunks and end to every call that runs, as the event loop would bring them.
    void answer();
    /// A piece of the body, and the head before the first one, to every call that runs.
    void sendChunk(const QByteArray &bytes);

    std::int64_t bodyBytes() const { return m_bodyBytes; } ///< of requests, since it was made

private:
    friend class NullLane;
    friend class NullCall;

    const NullAnswer m_answer;
    const int m_slotsEach;
    std::vector<NullLane *> m_lanes; // the pools'
    std::int64_t m_bodyBytes = 0;
};

class NullCall;

class NullLane final : public upstream::Lane
{
public:
    explicit NullLane(NullUpstream &upstream);
    ~NullLane() override;

    void answer();
    void sendChunk(const QByteArray &bytes);

    // upstream::Lane
    void open() override { Q_EMIT slotsChanged(); }
    upstream::LaneState state() const override;
    int freeSlots() const override;
    int inFlight() const override { return int(m_calls.size()); }
    std::unique_ptr<upstream::Call> start(const upstream::CallRequest &request,
                                          upstream::CallSink &sink) override;
    bool needsBodySize() const override { return false; }
    void retire() override;
    void checkHealth() override {}
    upstream::LaneFigures figures() const override;

private:
    friend class NullCall;
    void forget(NullCall &call);

    NullUpstream &m_upstream;
    std::vector<NullCall *> m_calls; // running; owned by the pool
    std::uint64_t m_started = 0;
    bool m_retired = false;
};

} // namespace weir::micro
