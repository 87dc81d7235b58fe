// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/bodies.h"
#include "micro/cases.h"
#include "micro/null_lane.h"
#include <QCoreApplication>

namespace weir::micro {

namespace {

/// Counts ends, does nothing else.
class Ends final : public upstream::CallSink
{
public:
    void onLane(bool) override {}
    void onConnecting() override {}
    void onConnected() override {}
    void onSent() override {}
    void onBodyWanted() override {}
    void onHead(http::ResponseHead, std::string_view) override {}
    void onChunk(QByteArray bytes) override { benchmark::DoNotOptimize(bytes.constData()); }
    void onEnd() override { ++count; }
    void onFailed(base::Error, upstream::Processed) override { ++failures; }

    std::int64_t count = 0;
    std::int64_t failures = 0;
};

NullAnswer smallAnswer()
{
    NullAnswer answer;
    answer.head.headers.add("content-type", "application/json");
    answer.chunks = {fixture("anthropic/messages.json")};
    answer.head.contentLength = answer.chunks[0].size();
    return answer;
}

/// Borrowed by every call.
const upstream::CallRequest &smallRequest()
{
    static const upstream::CallRequest request{"POST", "/v1/messages", {}, true, 1};
    return request;
}

struct Fixture
{
    explicit Fixture(int slotsEach, upstream::PoolOptions options = {})
        : upstream(smallAnswer(), slotsEach)
        , pool("anthropic", {true, "api.example", 443, {}}, upstream.laneKind(), options, clock)
    {
    }
    /// False if it was refused.
    bool submit(Ends &sink)
    {
        const auto call = pool.submit(smallRequest(), sink);
        if (!call)
            return false;
        (*call)->sendBody(body);
        (*call)->endBody();
        return true;
    }
    /// Ends what runs and lets the pool clear up, as one turn of the event loop does.
    void turn()
    {
        upstream.answer();
        QCoreApplication::sendPostedEvents();
    }

    base::SystemClock clock;
    NullUpstream upstream;
    upstream::Pool pool;
    const QByteArray body{"x"};
};

/// What the lane costs without a pool: to be taken off the figures of the pool.
void laneAlone(benchmark::State &state)
{
    NullUpstream nobody(smallAnswer());
    NullLane lane(nobody);
    Ends sink;
    const QByteArray body("x");
    for (auto _ : state) {
        const auto call = lane.start(smallRequest(), sink);
        call->sendBody(body);
        call->endBody();
        lane.answer();
    }
    if (sink.count != state.iterations())
        state.SkipWithError("not every call ended");
}

/// One call after the other, beside `others` that are never answered.
void callBeside(benchmark::State &state, int others)
{
    Fixture fixture(1000);
    Ends sink;
    Ends resting;
    std::vector<upstream::Call *> inFlight;
    for (int number = 0; number < others; ++number) {
        if (const auto call = fixture.pool.submit(smallRequest(), resting))
            inFlight.push_back(*call);
    }
    for (auto _ : state) {
        const auto call = fixture.pool.submit(smallRequest(), sink);
        if (!call) {
            state.SkipWithError("the pool refused a call");
            break;
        }
        (*call)->cancel();
        QCoreApplication::sendPostedEvents();
    }
    for (upstream::Call *call : inFlight)
        call->cancel();
    QCoreApplication::sendPostedEvents();
    if (sink.count + sink.failures + resting.failures != 0)
        state.SkipWithError("a cancelled call was told something");
}

/// `together` calls are submitted, of which `slotsEach` fit on the one lane; the rest waits. Per call.
void callsTogether(benchmark::State &state, int together, int slotsEach)
{
    upstream::PoolOptions options;
    options.lanesMin = 1;
    options.lanesMax = 1;
    options.queueMax = together;
    Fixture fixture(slotsEach, options);
    Ends sink;
    std::int64_t submitted = 0;
    while (state.KeepRunningBatch(together)) {
        for (int number = 0; number < together; ++number)
            submitted += fixture.submit(sink);
        // A turn for each lot that fits, and no more: a call that got lost must not hang the run.
        for (int turn = 0; turn <= together / slotsEach && sink.count < submitted; ++turn)
            fixture.turn();
    }
    if (submitted != state.iterations() || sink.count != submitted || sink.failures != 0)
        state.SkipWithError("not every call ended");
}

} // namespace

void addUpstreamCases(Cases &cases)
{
    const auto add = [&cases](std::string name, std::function<void(benchmark::State &)> work) {
        cases.push_back({"upstream", std::move(name), std::move(work)});
    };
    add("a call on a null lane, no pool", laneAlone);
    add("a call through the pool", [](benchmark::State &state) { callsTogether(state, 1, 100); });
    add("a call through the pool, 100 together",
        [](benchmark::State &state) { callsTogether(state, 100, 100); });
    add("a call that waits, 200 for 10 places",
        [](benchmark::State &state) { callsTogether(state, 200, 10); });
    add("submit and cancel", [](benchmark::State &state) { callBeside(state, 0); });
    add("submit and cancel beside 500 in flight", [](benchmark::State &state) { callBeside(state, 500); });
}

} // namespace weir::micro
