// SPDX-License-Identifier: GPL-3.0-or-later
// Who waits for a lane, in which order, and for how long.
#include "unit/upstream/pool_fixture.h"

using namespace weir;
using namespace weir::upstream;
using base::Errc;
using std::chrono::seconds;
using test::FakeSink;
using test::oneLane;
using test::PoolFixture;

class TestWaitQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void queuesFirstInFirstOut();
    void servesInteractiveFirst();
    void boundsTheWaitOfABackgroundCall();
    void refusesAboveTheQueue();
    void forgetsACancelledWaiter();
};

void TestWaitQueue::queuesFirstInFirstOut()
{
    FakeSink sinks[3];
    PoolFixture f(oneLane(), 1);
    for (FakeSink &sink : sinks)
        QVERIFY(f.submit(sink));
    f.lanes[0].connectNow();
    f.settle();
    QCOMPARE(f.pool.figures().waiting, 2);
    QCOMPARE(sinks[1].log, QByteArray());
    f.lanes[0].calls.front()->end();
    f.settle();
    QCOMPARE(sinks[1].log, QByteArray("lane(reused) "));
    QCOMPARE(sinks[2].log, QByteArray());
    f.lanes[0].calls.front()->end();
    f.settle();
    QCOMPARE(sinks[2].log, QByteArray("lane(reused) "));
}

void TestWaitQueue::servesInteractiveFirst()
{
    FakeSink sinks[4];
    PoolFixture f(oneLane(), 1);
    const Priority priorities[] = {Priority::Background, Priority::Interactive, Priority::Background,
                                   Priority::Interactive};
    for (int index = 0; index < 4; ++index)
        f.submit(sinks[index], priorities[index], "/" + std::to_string(index));
    QCOMPARE(f.pool.figures().waitingBackground, 2);
    f.lanes[0].connectNow();
    for (const char *target : {"/1", "/3", "/0", "/2"}) {
        f.settle();
        QCOMPARE(f.lanes[0].calls.size(), std::size_t(1));
        QCOMPARE(f.lanes[0].calls.front()->request.target, std::string(target));
        f.lanes[0].calls.front()->end();
    }
}

void TestWaitQueue::boundsTheWaitOfABackgroundCall()
{
    PoolOptions options = oneLane();
    options.queueWait = seconds(5);
    FakeSink starved;
    FakeSink favoured[10];
    PoolFixture f(options, 1);
    f.submit(favoured[0]);
    f.submit(starved, Priority::Background);
    f.lanes[0].connectNow();
    int served = 0;
    // There is always an interactive one before it.
    for (; !starved.hasFailed() && served < 9; ++served) {
        f.submit(favoured[served + 1]);
        f.pass(seconds(1));
        f.lanes[0].calls.front()->end();
    }
    QCOMPARE(starved.error.code, Errc::PoolQueueTimeout);
    QVERIFY(starved.processed == Processed::No);
    QVERIFY(served >= 5 && served <= 7);
}

void TestWaitQueue::refusesAboveTheQueue()
{
    PoolOptions options = oneLane();
    options.queueMax = 1;
    FakeSink running;
    FakeSink waiting;
    FakeSink refused;
    PoolFixture f(options, 1);
    f.submit(running);
    f.lanes[0].connectNow();
    f.settle();
    Call *second = f.submit(waiting);
    QVERIFY(!f.submit(refused));
    QCOMPARE(f.error.code, Errc::PoolQueueFull);
    QCOMPARE(f.error.detail, std::string("sim, pool.queue_max = 1"));
    QCOMPARE(refused.log, QByteArray());
    second->cancel();
    QVERIFY(f.submit(refused)); // the place is free again
}

void TestWaitQueue::forgetsACancelledWaiter()
{
    FakeSink running;
    FakeSink left;
    FakeSink waiting;
    PoolFixture f(oneLane(), 1);
    Call *first = f.submit(running);
    f.lanes[0].connectNow();
    f.settle();
    Call *second = f.submit(left);
    f.submit(waiting);
    second->cancel();
    first->cancel();
    f.settle();
    QCOMPARE(waiting.log, QByteArray("lane(reused) "));
    QCOMPARE(left.log, QByteArray());
    QCOMPARE(f.pool.figures().failures, std::uint64_t(0));
}

QTEST_GUILESS_MAIN(TestWaitQueue)
#include "tst_wait_queue.moc"
