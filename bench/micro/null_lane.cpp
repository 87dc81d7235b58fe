// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/null_lane.h"

#include <utility>

namespace weir::micro {

class NullCall final : public upstream::Call
{
public:
    NullCall(NullLane &lane, upstream::CallSink &sink) : m_lane(lane), m_sink(sink) {}
    ~NullCall() override { cancel(); }

    void sendBody(QByteArray bytes) override { m_lane.m_upstream.m_bodyBytes += bytes.size(); }
    void endBody() override { m_sink.onSent(); }
    bool isBodyFull() const override { return false; }
    void pause() override {}
    void resume() override {}
    void cancel() override
    {
        if (!std::exchange(m_over, true))
            m_lane.forget(*this);
    }

    bool isOver() const { return m_over; }
    void sendHead()
    {
        if (!std::exchange(m_headSent, true))
            m_sink.onHead(m_lane.m_upstream.m_answer.head, "h2");
    }
    void sendChunk(QByteArray bytes)
    {
        sendHead();
        if (!m_over)
            m_sink.onChunk(std::move(bytes));
    }
    void end()
    {
        cancel();
        m_sink.onEnd();
    }

private:
    NullLane &m_lane;
    upstream::CallSink &m_sink;
    bool m_headSent = false;
    bool m_over = false;
};

NullUpstream::NullUpstream(NullAnswer answer, int slotsEach)
    : m_answer(std::move(answer)), m_slotsEach(slotsEach)
{
}

NullUpstream::~NullUpstream()
{
    Q_ASSERT(m_lanes.empty());
}

upstream::LaneKind NullUpstream::laneKind()
{
    upstream::LaneKind kind;
    kind.transport = "null";
    kind.make = [this](const upstream::Origin &) { return std::make_unique<NullLane>(*this); };
    return kind;
}

void NullUpstream::answer()
{
    for (NullLane *lane : m_lanes)
        lane->answer();
}

void NullUpstream::sendChunk(const QByteArray &bytes)
{
    for (NullLane *lane : m_lanes)
        lane->sendChunk(bytes);
}

NullLane::NullLane(NullUpstream &upstream) : m_upstream(upstream)
{
    m_upstream.m_lanes.push_back(this);
}

NullLane::~NullLane()
{
    std::erase(m_upstream.m_lanes, this);
}

upstream::LaneState NullLane::state() const
{
    return m_retired ? upstream::LaneState::Retired : upstream::LaneState::Ready;
}

int NullLane::freeSlots() const
{
    return m_retired ? 0 : m_upstream.m_slotsEach - int(m_calls.size());
}

std::unique_ptr<upstream::Call> NullLane::start(const upstream::CallRequest &, upstream::CallSink &sink)
{
    auto call = std::make_unique<NullCall>(*this, sink);
    m_calls.push_back(call.get());
    sink.onLane(m_started++ > 0);
    return call;
}

void NullLane::answer()
{
    // A call that ends leaves the list, and what it causes may start another: this time's are taken first.
    const std::vector<NullCall *> calls = m_calls;
    for (NullCall *call : calls) {
        call->sendHead();
        for (const QByteArray &chunk : m_upstream.m_answer.chunks)
            call->sendChunk(chunk);
        if (!call->isOver())
            call->end();
    }
}

void NullLane::sendChunk(const QByteArray &bytes)
{
    const std::vector<NullCall *> calls = m_calls;
    for (NullCall *call : calls)
        call->sendChunk(bytes);
}

void NullLane::retire()
{
    m_retired = true;
    if (m_calls.empty())
        Q_EMIT died({});
}

upstream::LaneFigures NullLane::figures() const
{
    upstream::LaneFigures figures;
    figures.protocol = "h2";
    figures.inFlight = inFlight();
    figures.slots = m_upstream.m_slotsEach;
    figures.calls = m_started;
    figures.connections = 1;
    return figures;
}

void NullLane::forget(NullCall &call)
{
    std::erase(m_calls, &call);
    if (m_retired && m_calls.empty())
        Q_EMIT died({});
    else
        Q_EMIT slotsChanged();
}

} // namespace weir::micro
