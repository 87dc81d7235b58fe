// SPDX-License-Identifier: GPL-3.0-or-later
// The pool over lanes that do what the test says, with a clock that stands still until it is moved.
#include "unit/upstream/pool_fixture.h"
#include "upstream/pool_manager.h"

using namespace weir;
using namespace weir::upstream;
using base::Errc;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeSink;
using test::oneLane;
using test::PoolFixture;

namespace {

const base::Error Refused{Errc::UpstreamRefused, "https://api.example:443"};

} // namespace

class TestPool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void waitsForTheLaneToConnect();
    void tellsOnlyWhoHasWaitedOfTheConnection();
    void failsWaitersWithTheLanesError();
    void waitsOnWhileAnotherLaneConnects();
    void refusesAtOnceWhileTheBreakerIsOpen();
    void triesAgainWhenThePauseIsOver();
    void putsASecondTryFirst();
    void holdsCallsBackWhereFewerAreAskedFor();
    void drains();
    void keepsProvidersApart();
};

void TestPool::waitsForTheLaneToConnect()
{
    FakeSink sink;
    PoolFixture f;
    QVERIFY(f.submit(sink));
    QCOMPARE(f.lanes.count, 1); // opened by the demand
    QVERIFY(f.lanes[0].opened);
    QCOMPARE(f.pool.figures().waiting, 1);
    QCOMPARE(sink.log, QByteArray());
    f.lanes[0].connectNow();
    f.settle();
    QCOMPARE(sink.log, QByteArray("lane "));
    f.lanes[0].calls.front()->end();
    QCOMPARE(sink.log, QByteArray("lane end "));
    const PoolFigures figures = f.pool.figures();
    QCOMPARE(figures.calls, std::uint64_t(1));
    QCOMPARE(figures.succeeded, std::uint64_t(1));
    QCOMPARE(figures.fresh, std::uint64_t(1));
    QCOMPARE(figures.lanes.inFlight, 0);
}

void TestPool::tellsOnlyWhoHasWaitedOfTheConnection()
{
    FakeSink waited[2];
    FakeSink late;
    PoolFixture f({}, 5);
    for (FakeSink &sink : waited)
        f.submit(sink);
    const base::Instant now = f.clock.now();
    const ConnectTimes times{now, now + milliseconds(20), now + milliseconds(50)};
    f.clock.advance(milliseconds(50));
    f.lanes[0].connectNow(times);
    f.settle();
    f.submit(late);
    for (const FakeSink &sink : waited) {
        QCOMPARE(sink.log, QByteArray("lane awaited "));
        QVERIFY(sink.awaited.connected == times.connected && sink.awaited.ready == times.ready);
    }
    QCOMPARE(late.log, QByteArray("lane(reused) "));
    QCOMPARE(f.pool.figures().fresh, std::uint64_t(2));
    QCOMPARE(f.pool.figures().started, std::uint64_t(3));
}

void TestPool::failsWaitersWithTheLanesError()
{
    FakeSink sinks[2];
    PoolFixture f;
    for (FakeSink &sink : sinks)
        f.submit(sink);
    f.lanes[0].die(Refused);
    for (const FakeSink &sink : sinks) {
        QVERIFY(sink.hasFailed());
        QCOMPARE(sink.error.code, Errc::UpstreamRefused);
        QVERIFY(sink.processed == Processed::No);
    }
    const PoolFigures figures = f.pool.figures();
    QCOMPARE(figures.failures, std::uint64_t(2));
    QCOMPARE(figures.failuresByKind.at(Errc::UpstreamRefused), std::uint64_t(2));
    QCOMPARE(figures.lanes.connectFailures, std::uint64_t(1));
    QVERIFY(figures.lastError.find("api.example") != std::string::npos);
    f.settle();
    QVERIFY(f.lanes.alive.empty());
}

void TestPool::waitsOnWhileAnotherLaneConnects()
{
    FakeSink sinks[2];
    PoolFixture f({}, 1, false); // http/1.1: a lane for each
    for (FakeSink &sink : sinks)
        f.submit(sink);
    QCOMPARE(f.lanes.count, 2);
    f.lanes[0].die(Refused);
    QVERIFY(!sinks[0].hasFailed() && !sinks[1].hasFailed());
    f.settle();
    f.lanes[0].connectNow();
    f.settle();
    QCOMPARE(sinks[0].log, QByteArray("lane "));
    QVERIFY(!sinks[1].hasFailed());
}

void TestPool::refusesAtOnceWhileTheBreakerIsOpen()
{
    FakeSink refused;
    FakeSink probing[3];
    PoolFixture f;
    for (int failure = 0; failure < Breaker::FailuresToOpen; ++failure) {
        FakeSink sink;
        QVERIFY(f.submit(sink));
        f.pass(Breaker::BackOffMax);
        QCOMPARE(f.lanes.alive.size(), std::size_t(1));
        f.lanes[0].die(Refused);
        QCOMPARE(sink.error.code, Errc::UpstreamRefused);
        f.settle();
    }
    QVERIFY(!f.submit(refused));
    QCOMPARE(f.error.code, Errc::UpstreamDown);
    QCOMPARE(f.error.retryAfterSeconds, 2);
    QVERIFY2(f.error.detail.find("sim (https://api.example:443): 5 connections in a row failed") == 0,
             f.error.detail.c_str());
    QVERIFY2(f.error.detail.ends_with("the next is tried in 2 s"), f.error.detail.c_str());
    QVERIFY(f.pool.figures().lanes.breaker == BreakerState::Open);
    QCOMPARE(f.lanes.count, Breaker::FailuresToOpen);

    // The pause over, one lane is tried, and all wait for it.
    f.clock.advance(Breaker::BackOffMax);
    for (FakeSink &sink : probing)
        QVERIFY(f.submit(sink));
    QCOMPARE(f.lanes.alive.size(), std::size_t(1));
    f.lanes[0].connectNow();
    f.settle();
    QVERIFY(f.pool.figures().lanes.breaker == BreakerState::Closed);
    QCOMPARE(probing[0].log, QByteArray("lane "));
}

void TestPool::triesAgainWhenThePauseIsOver()
{
    FakeSink first;
    FakeSink second;
    PoolFixture f;
    f.submit(first);
    f.lanes[0].die(Refused);
    f.settle();
    f.submit(second); // the breaker is closed, so it may wait
    f.sweep();
    QCOMPARE(f.lanes.count, 1);
    f.pass(Breaker::BackOffMin);
    QCOMPARE(f.lanes.count, 2);
    f.lanes[0].connectNow();
    f.settle();
    QCOMPARE(second.log, QByteArray("lane "));
}

void TestPool::putsASecondTryFirst()
{
    FakeSink running;
    FakeSink waiting;
    FakeSink again;
    PoolFixture f(oneLane(), 1);
    f.submit(running);
    f.lanes[0].connectNow();
    f.settle();
    f.submit(waiting);
    f.requests.push_back({"POST", "/again", {}, true, 10, Priority::Interactive});
    QVERIFY(f.pool.resubmit(f.requests.back(), again));
    QCOMPARE(again.log, QByteArray()); // never from within
    f.lanes[0].calls.front()->end();
    f.settle();
    QCOMPARE(f.lanes[0].calls.front()->request.target, std::string("/again"));
    QCOMPARE(waiting.log, QByteArray());
    QCOMPARE(f.pool.figures().retries, std::uint64_t(1));
}

void TestPool::holdsCallsBackWhereFewerAreAskedFor()
{
    FakeSink refused;
    FakeSink later;
    PoolFixture f(oneLane());
    f.submit(refused);
    f.lanes[0].connectNow();
    f.settle();
    Q_EMIT f.lanes[0].calmAsked();
    f.lanes[0].calls.front()->fail({Errc::UpstreamCalm, {}}, Processed::No);
    QCOMPARE(refused.error.code, Errc::UpstreamCalm);
    QCOMPARE(refused.error.retryAfterSeconds, 1); // so long is the pause, in whole seconds
    QVERIFY(f.submit(later));
    f.sweep();
    QCOMPARE(later.log, QByteArray());
    f.pass(Breaker::BackOffMin);
    QCOMPARE(later.log, QByteArray("lane(reused) "));
}

void TestPool::drains()
{
    FakeSink running;
    FakeSink waiting;
    FakeSink late;
    PoolFixture f(oneLane(), 1);
    f.submit(running);
    f.lanes[0].connectNow();
    f.settle();
    f.submit(waiting);
    f.pool.drain();
    QCOMPARE(waiting.error.code, Errc::Draining);
    QVERIFY(!running.hasFailed());
    QVERIFY(!f.submit(late));
    QCOMPARE(f.error.code, Errc::Draining);
    QVERIFY(!f.pool.resubmit(f.requests.back(), late));
    f.lanes[0].calls.front()->end();
    QVERIFY(running.log.endsWith("end "));
}

void TestPool::keepsProvidersApart()
{
    const test::ManualClock clock;
    test::FakeLanes lanes;
    PoolManager pools(
        {}, [&](const std::string &, const Origin &) { return lanes.kind(1); }, clock);
    const Origin origin{true, "api.example", 443, {}};
    Pool &one = pools.pool("one", origin);
    QCOMPARE(&pools.pool("one", origin), &one);
    QVERIFY(&pools.pool("two", origin) != &one);
    QVERIFY(&pools.pool("one", {false, "api.example", 443, {}}) != &one);
    QCOMPARE(pools.pools().size(), std::size_t(3));
}

QTEST_GUILESS_MAIN(TestPool)
#include "tst_pool.moc"
