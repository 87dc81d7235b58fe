// SPDX-License-Identifier: GPL-3.0-or-later
// The pool over lanes that do what the test says, with a clock that stands still until it is moved.
#include "support/manual_clock.h"
#include "upstream/pool.h"
#include "upstream/pool_manager.h"
#include <QTest>

using namespace weir;
using namespace weir::upstream;
using base::Errc;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Remembers what it was told, in order.
class Sink final : public CallSink
{
public:
    void onLane(bool reused) override { log += reused ? "lane(reused) " : "lane "; }
    void onConnecting() override { log += "connecting "; }
    void onConnected() override { log += "connected "; }
    void onSent() override { log += "sent "; }
    void onBodyWanted() override { log += "more "; }
    void onHead(http::ResponseHead, std::string_view) override { log += "head "; }
    void onChunk(QByteArray bytes) override { log += "chunk(" + bytes + ") "; }
    void onEnd() override { log += "end "; }
    void onFailed(base::Error failure, Processed howFar) override
    {
        log += "failed ";
        error = failure;
        processed = howFar;
    }

    QByteArray log;
    base::Error error;
    Processed processed = Processed::Maybe;
};

class FakeLane;

class FakeCall final : public Call
{
public:
    FakeCall(FakeLane &owner, CallSink &theirs) : lane(owner), sink(theirs) {}
    ~FakeCall() override;
    void sendBody(QByteArray bytes) override { body += bytes; }
    void endBody() override { bodyEnded = true; }
    bool isBodyFull() const override { return full; }
    void pause() override { paused = true; }
    void resume() override { paused = false; }
    void cancel() override { finish(); }
    void finish();

    FakeLane &lane;
    CallSink &sink;
    QByteArray body;
    bool bodyEnded = false;
    bool full = false;
    bool paused = false;
    bool over = false;
};

class FakeLane final : public Lane
{
public:
    explicit FakeLane(int slotCount) : slotsMax(slotCount) {}
    std::unique_ptr<Call> start(const CallRequest &, CallSink &sink) override
    {
        auto call = std::make_unique<FakeCall>(*this, sink);
        calls.push_back(call.get());
        ++running;
        sink.onLane(connected > 0);
        return call;
    }
    int inFlight() const override { return running; }
    int freeSlots() const override { return slotsMax - running; }
    bool needsBodySize() const override { return false; }
    void open() override { warmed = true; }
    LaneState state() const override { return LaneState::Ready; }
    void retire() override {}
    void checkHealth() override {}
    LaneFigures figures() const override
    {
        LaneFigures figures;
        figures.protocol = "fake";
        figures.connections = connected;
        return figures;
    }

    const int slotsMax;
    int running = 0;
    std::uint64_t connected = 1;
    bool warmed = false;
    std::vector<FakeCall *> calls;
};

FakeCall::~FakeCall() = default;

void FakeCall::finish()
{
    if (std::exchange(over, true))
        return;
    --lane.running;
    Q_EMIT lane.slotsChanged();
}

/// A pool of lanes with `slotCount` slots each.
struct Fixture
{
    explicit Fixture(PoolOptions options = {}, int slotCount = 2)
        : pool(
              "sim", {true, "api.example", 443, {}}, options,
              [this, slotCount](const Origin &) {
                  auto lane = std::make_unique<FakeLane>(slotCount);
                  lanes.push_back(lane.get());
                  return lane;
              },
              clock)
    {
    }
    Call *submit(Sink &sink)
    {
        auto call = pool.submit({"POST", "/", {}, true, 10}, sink);
        return call ? *call : nullptr;
    }
    FakeCall &call(std::size_t lane, std::size_t number) { return *lanes[lane]->calls[number]; }
    /// Ends a call as a lane does.
    void end(FakeCall &call)
    {
        call.finish();
        call.sink.onEnd();
    }
    /// Moves the clock and lets the pool look at it.
    void pass(base::Duration time)
    {
        clock.advance(time);
        QTest::qWait(150); // one sweep
    }

    test::ManualClock clock;
    std::vector<FakeLane *> lanes;
    Pool pool;
};

} // namespace

class TestPool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fillsOneLaneBeforeTheNext();
    void queuesFirstInFirstOut();
    void refusesAboveTheQueue();
    void holdsTheBodyOfAWaitingCall();
    void forgetsACancelledWaiter();
    void pausesFromTheQueueOn();
    void endsEachWait_data();
    void endsEachWait();
    void doesNotCountAPauseAsSilence();
    void drains();
    void warmsTheLeastNumber();
    void keepsProvidersApart();
};

void TestPool::fillsOneLaneBeforeTheNext()
{
    Fixture f;
    Sink sinks[3];
    for (Sink &sink : sinks)
        QVERIFY(f.submit(sink));
    QCOMPARE(f.lanes.size(), std::size_t(2));
    QCOMPARE(f.lanes[0]->running, 2);
    QCOMPARE(f.lanes[1]->running, 1);
    f.end(f.call(0, 0));
    f.end(f.call(0, 1));
    f.end(f.call(1, 0));
    for (Sink &sink : sinks)
        QVERIFY(sink.log.endsWith("end "));
    QCOMPARE(f.pool.figures().calls, std::uint64_t(3));
    QCOMPARE(f.pool.figures().inFlight, 0);
}

void TestPool::queuesFirstInFirstOut()
{
    PoolOptions options;
    options.lanesMax = 1;
    Fixture f(options, 1);
    Sink sinks[3];
    for (Sink &sink : sinks)
        QVERIFY(f.submit(sink));
    QCOMPARE(f.pool.figures().waiting, 2);
    QCOMPARE(sinks[1].log, QByteArray());
    f.end(f.call(0, 0));
    QTRY_COMPARE(sinks[1].log, QByteArray("lane(reused) "));
    QCOMPARE(sinks[2].log, QByteArray());
    f.end(f.call(0, 1));
    QTRY_COMPARE(sinks[2].log, QByteArray("lane(reused) "));
    f.end(f.call(0, 2));
}

void TestPool::refusesAboveTheQueue()
{
    PoolOptions options;
    options.lanesMax = 1;
    options.queueMax = 1;
    Fixture f(options, 1);
    Sink running;
    Sink waiting;
    Sink refused;
    Call *first = f.submit(running);
    Call *second = f.submit(waiting);
    const auto third = f.pool.submit({"POST", "/", {}}, refused);
    QVERIFY(!third);
    QCOMPARE(third.error().code, Errc::PoolQueueFull);
    QCOMPARE(refused.log, QByteArray());
    second->cancel();
    QVERIFY(f.submit(refused)); // the place is free again
    first->cancel();
    f.pool.drain();
}

void TestPool::holdsTheBodyOfAWaitingCall()
{
    PoolOptions options;
    options.lanesMax = 1;
    Fixture f(options, 1);
    Sink running;
    Sink waiting;
    Call *first = f.submit(running);
    Call *second = f.submit(waiting);
    second->sendBody("one ");
    second->sendBody("two");
    QVERIFY(!second->isBodyFull());
    second->sendBody(QByteArray(300 * 1024, 'x'));
    QVERIFY(second->isBodyFull());
    first->cancel();
    QTRY_COMPARE(f.lanes[0]->calls.size(), std::size_t(2));
    QVERIFY(f.call(0, 1).body.startsWith("one twoxxx"));
    QVERIFY(!f.call(0, 1).bodyEnded);
    QVERIFY(waiting.log.contains("more "));
    second->endBody();
    QVERIFY(f.call(0, 1).bodyEnded);
    second->cancel();
}

void TestPool::forgetsACancelledWaiter()
{
    PoolOptions options;
    options.lanesMax = 1;
    Fixture f(options, 1);
    Sink running;
    Sink left;
    Sink waiting;
    Call *first = f.submit(running);
    Call *second = f.submit(left);
    Call *third = f.submit(waiting);
    second->cancel();
    first->cancel();
    QTRY_COMPARE(waiting.log, QByteArray("lane(reused) "));
    QCOMPARE(left.log, QByteArray());
    QCOMPARE(f.pool.figures().failures, std::uint64_t(0));
    third->cancel();
}

void TestPool::pausesFromTheQueueOn()
{
    PoolOptions options;
    options.lanesMax = 1;
    Fixture f(options, 1);
    Sink running;
    Sink waiting;
    Call *first = f.submit(running);
    Call *second = f.submit(waiting);
    second->pause();
    first->cancel();
    QTRY_COMPARE(f.lanes[0]->calls.size(), std::size_t(2));
    QVERIFY(f.call(0, 1).paused);
    second->resume();
    QVERIFY(!f.call(0, 1).paused);
    second->cancel();
}

void TestPool::endsEachWait_data()
{
    QTest::addColumn<QByteArray>("phase");
    QTest::addColumn<int>("afterSeconds");
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("maybeProcessed");
    QTest::newRow("no lane") << QByteArray("queue") << 1 << int(Errc::PoolQueueTimeout) << false;
    QTest::newRow("no connection") << QByteArray("connect") << 2 << int(Errc::ConnectTimeout) << false;
    QTest::newRow("no first byte") << QByteArray("sent") << 3 << int(Errc::FirstByteTimeout) << true;
    QTest::newRow("silence after the head") << QByteArray("head") << 4 << int(Errc::IdleTimeout) << true;
}

void TestPool::endsEachWait()
{
    QFETCH(QByteArray, phase);
    QFETCH(int, afterSeconds);
    QFETCH(int, code);
    QFETCH(bool, maybeProcessed);
    PoolOptions options;
    options.lanesMax = 1;
    options.queueWait = std::chrono::seconds(1);
    options.connect = std::chrono::seconds(2);
    options.firstByte = std::chrono::seconds(3);
    options.idle = std::chrono::seconds(4);
    Fixture f(options, 1);
    Sink blocker;
    Sink sink;
    Call *first = nullptr;
    if (phase == "queue") {
        first = f.submit(blocker);
        first->pause(); // takes the lane, and no deadline of its own runs out first
        f.call(0, 0).sink.onHead({}, {});
    }
    Call *call = f.submit(sink);
    QVERIFY(call);
    if (phase == "connect")
        f.call(0, 0).sink.onConnecting();
    if (phase == "sent" || phase == "head") {
        call->endBody();
        f.call(0, 0).sink.onSent();
    }
    if (phase == "head")
        f.call(0, 0).sink.onHead({}, {});
    f.pass(seconds(afterSeconds) - milliseconds(10));
    QVERIFY2(!sink.log.contains("failed"), sink.log.constData());
    f.pass(milliseconds(20));
    QVERIFY2(sink.log.contains("failed"), sink.log.constData());
    QCOMPARE(int(sink.error.code), code);
    QVERIFY(sink.error.detail.find("api.example") != std::string::npos);
    QCOMPARE(sink.processed == Processed::Maybe, maybeProcessed);
    QCOMPARE(f.pool.figures().failures, std::uint64_t(1));
    QVERIFY(!f.pool.figures().lastError.empty());
    if (first)
        first->cancel();
}

void TestPool::doesNotCountAPauseAsSilence()
{
    PoolOptions options;
    options.idle = seconds(4);
    Fixture f(options);
    Sink sink;
    Call *call = f.submit(sink);
    call->endBody();
    f.call(0, 0).sink.onHead({}, {});
    call->pause();
    f.pass(seconds(60));
    QVERIFY(!sink.log.contains("failed"));
    call->resume();
    f.pass(seconds(3));
    QVERIFY(!sink.log.contains("failed"));
    f.pass(seconds(2));
    QVERIFY(sink.log.contains("failed"));
}

void TestPool::drains()
{
    PoolOptions options;
    options.lanesMax = 1;
    Fixture f(options, 1);
    Sink running;
    Sink waiting;
    f.submit(running);
    f.submit(waiting);
    f.pool.drain();
    QCOMPARE(waiting.error.code, Errc::Draining);
    QVERIFY(!running.log.contains("failed"));
    Sink late;
    const auto refused = f.pool.submit({"POST", "/", {}}, late);
    QVERIFY(!refused && refused.error().code == Errc::Draining);
    f.end(f.call(0, 0));
    QVERIFY(running.log.endsWith("end "));
}

void TestPool::warmsTheLeastNumber()
{
    PoolOptions options;
    options.lanesMin = 2;
    Fixture f(options);
    f.pool.warm();
    f.pool.warm();
    QCOMPARE(f.lanes.size(), std::size_t(2));
    QVERIFY(f.lanes[0]->warmed && f.lanes[1]->warmed);
}

void TestPool::keepsProvidersApart()
{
    const test::ManualClock clock;
    PoolManager pools(
        {}, [](const Origin &) { return std::make_unique<FakeLane>(1); }, clock);
    const Origin origin{true, "api.example", 443, {}};
    Pool &one = pools.pool("one", origin);
    QCOMPARE(&pools.pool("one", origin), &one);
    QVERIFY(&pools.pool("two", origin) != &one);
    QVERIFY(&pools.pool("one", {false, "api.example", 443, {}}) != &one);
    QCOMPARE(pools.pools().size(), std::size_t(3));
}

QTEST_GUILESS_MAIN(TestPool)
#include "tst_pool.moc"
