// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "support/fake_sink.h"
#include "upstream/lane.h"
#include <algorithm>
#include <vector>

namespace weir::test {

class FakeLane;

class FakeCall final : public upstream::Call
{
public:
    FakeCall(FakeLane &owner, upstream::CallSink &theirs, const upstream::CallRequest &asked)
        : lane(owner), sink(theirs), request(asked)
    {
    }
    void sendBody(QByteArray bytes) override { body += bytes; }
    void endBody() override { bodyEnded = true; }
    bool isBodyFull() const override { return full; }
    void pause() override { paused = true; }
    void resume() override { paused = false; }
    void cancel() override { leave(); }
    void end(); ///< as a lane does

    void fail(const base::Error &error, upstream::Processed processed);

    FakeLane &lane;
    upstream::CallSink &sink;
    const upstream::CallRequest request;
    QByteArray body;
    bool bodyEnded = false;
    bool full = false;
    bool paused = false;

private:
    void leave();
};

/// A lane that does what the test says.
class FakeLane final : public upstream::Lane
{
public:
    explicit FakeLane(int slotCount) : slotsMax(slotCount) {}

    void open() override { opened = true; }
    upstream::LaneState state() const override { return now; }
    int freeSlots() const override { return now == upstream::LaneState::Ready ? slotsMax - inFlight() : 0; }
    int inFlight() const override { return int(calls.size()); }
    std::unique_ptr<upstream::Call> start(const upstream::CallRequest &request,
                                          upstream::CallSink &sink) override
    {
        auto call = std::make_unique<FakeCall>(*this, sink, request);
        calls.push_back(call.get());
        sink.onLane(started++ > 0);
        return call;
    }
    bool needsBodySize() const override { return needsSize; }
    void retire() override
    {
        ++retirements;
        now = upstream::LaneState::Retired;
        if (calls.empty())
            die({});
    }
    void checkHealth() override { ++checks; }
    upstream::LaneFigures figures() const override
    {
        upstream::LaneFigures figures;
        figures.protocol = "fake";
        figures.inFlight = inFlight();
        figures.slots = slotsMax;
        figures.calls = std::uint64_t(started);
        figures.connections = connected ? 1 : 0;
        figures.times = times;
        return figures;
    }

    /// The connection stands.
    void connectNow(std::optional<upstream::ConnectTimes> when = {})
    {
        connected = true;
        times = when;
        now = upstream::LaneState::Ready;
        Q_EMIT slotsChanged();
    }
    /// The connection is gone.
    void die(const base::Error &why, upstream::Processed processed = upstream::Processed::Maybe)
    {
        now = upstream::LaneState::Dead;
        while (!calls.empty())
            calls.front()->fail(why, processed);
        Q_EMIT died(why);
    }

    const int slotsMax;
    upstream::LaneState now = upstream::LaneState::Connecting;
    std::optional<upstream::ConnectTimes> times;
    bool needsSize = false;
    bool opened = false;
    bool connected = false;
    int started = 0;
    int checks = 0;
    int retirements = 0;
    std::vector<FakeCall *> calls; ///< those in flight
};

inline void FakeCall::leave()
{
    std::erase(lane.calls, this);
    if (lane.now == upstream::LaneState::Retired && lane.calls.empty())
        lane.die({});
    else if (lane.now == upstream::LaneState::Ready)
        Q_EMIT lane.slotsChanged();
}

inline void FakeCall::end()
{
    upstream::CallSink &theirs = sink;
    leave();
    theirs.onEnd();
}

inline void FakeCall::fail(const base::Error &error, upstream::Processed processed)
{
    upstream::CallSink &theirs = sink;
    leave();
    theirs.onFailed(error, processed);
}

} // namespace weir::test
