// SPDX-License-Identifier: GPL-3.0-or-later
// A call from the queue to its end, with a clock that stands still until it is moved.
#include "unit/upstream/pool_fixture.h"

using namespace weir;
using namespace weir::upstream;
using base::Errc;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeCall;
using test::FakeSink;
using test::oneLane;
using test::PoolFixture;

class TestPooledCall : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsTheBodyOfAWaitingCall();
    void pausesFromTheQueueOn();
    void endsEachWait_data();
    void endsEachWait();
    void doesNotCountAPauseAsSilence();
};

void TestPooledCall::holdsTheBodyOfAWaitingCall()
{
    FakeSink waiting;
    PoolFixture f(oneLane(), 1);
    Call *call = f.submit(waiting);
    call->sendBody("one ");
    call->sendBody("two");
    QVERIFY(!call->isBodyFull());
    call->sendBody(QByteArray(300 * 1024, 'x'));
    QVERIFY(call->isBodyFull());
    f.lanes[0].connectNow();
    f.settle();
    const FakeCall &started = *f.lanes[0].calls.front();
    QVERIFY(started.body.startsWith("one twoxxx"));
    QVERIFY(!started.bodyEnded);
    QVERIFY(waiting.log.contains("more "));
    call->endBody();
    QVERIFY(started.bodyEnded);
}

void TestPooledCall::pausesFromTheQueueOn()
{
    FakeSink waiting;
    PoolFixture f;
    Call *call = f.submit(waiting);
    call->pause();
    f.lanes[0].connectNow();
    f.settle();
    QVERIFY(f.lanes[0].calls.front()->paused);
    call->resume();
    QVERIFY(!f.lanes[0].calls.front()->paused);
}

void TestPooledCall::endsEachWait_data()
{
    QTest::addColumn<QByteArray>("phase");
    QTest::addColumn<int>("afterSeconds");
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("maybeProcessed");
    QTest::newRow("no lane") << QByteArray("queue") << 1 << int(Errc::PoolQueueTimeout) << false;
    QTest::newRow("no connection of the lane")
        << QByteArray("lane") << 2 << int(Errc::ConnectTimeout) << false;
    QTest::newRow("no connection") << QByteArray("connect") << 2 << int(Errc::ConnectTimeout) << false;
    QTest::newRow("no first byte") << QByteArray("sent") << 3 << int(Errc::FirstByteTimeout) << true;
    QTest::newRow("a body that is not taken")
        << QByteArray("full") << 3 << int(Errc::FirstByteTimeout) << true;
    QTest::newRow("silence after the head") << QByteArray("head") << 4 << int(Errc::IdleTimeout) << true;
}

void TestPooledCall::endsEachWait()
{
    QFETCH(QByteArray, phase);
    QFETCH(int, afterSeconds);
    QFETCH(int, code);
    QFETCH(bool, maybeProcessed);
    PoolOptions options = oneLane();
    options.queueWait = phase == "queue" ? seconds(1) : seconds(30);
    options.connect = seconds(2);
    options.firstByte = seconds(3);
    options.idle = seconds(4);
    FakeSink blocker;
    FakeSink sink;
    PoolFixture f(options, 1);
    if (phase == "queue") {
        Call *first = f.submit(blocker);
        f.lanes[0].connectNow();
        f.settle();
        first->pause(); // has the lane, and no deadline of its own runs out first
        f.lanes[0].calls.front()->sink.onHead({}, {});
    }
    Call *call = f.submit(sink);
    QVERIFY(call);
    if (phase != "queue" && phase != "lane") {
        f.lanes[0].connectNow();
        f.settle();
        CallSink &theirs = f.lanes[0].calls.front()->sink;
        if (phase == "connect") {
            theirs.onConnecting();
        } else if (phase == "full") {
            call->sendBody("x");
            f.lanes[0].calls.front()->full = true;
        } else {
            call->endBody();
            theirs.onSent();
            if (phase == "head")
                theirs.onHead({}, {});
        }
    }
    f.pass(seconds(afterSeconds) - milliseconds(10));
    QVERIFY2(!sink.hasFailed(), sink.log.constData());
    f.pass(milliseconds(20));
    QVERIFY2(sink.hasFailed(), sink.log.constData());
    QCOMPARE(int(sink.error.code), code);
    QVERIFY(sink.error.detail.find("api.example") != std::string::npos);
    QCOMPARE(sink.processed == Processed::Maybe, maybeProcessed);
    QCOMPARE(f.pool.figures().failures, std::uint64_t(1));
    QVERIFY(!f.pool.figures().lastError.empty());
    // A lane under suspicion is asked at once.
    if (phase == "sent" || phase == "head")
        QCOMPARE(f.lanes[0].checks, 1);
}

void TestPooledCall::doesNotCountAPauseAsSilence()
{
    PoolOptions options;
    options.idle = seconds(4);
    FakeSink sink;
    PoolFixture f(options);
    Call *call = f.submit(sink);
    f.lanes[0].connectNow();
    f.settle();
    call->endBody();
    f.lanes[0].calls.front()->sink.onHead({}, {});
    call->pause();
    f.pass(seconds(60));
    QVERIFY(!sink.hasFailed());
    call->resume();
    f.pass(seconds(3));
    QVERIFY(!sink.hasFailed());
    f.pass(seconds(2));
    QVERIFY(sink.hasFailed());
}

QTEST_GUILESS_MAIN(TestPooledCall)
#include "tst_pooled_call.moc"
