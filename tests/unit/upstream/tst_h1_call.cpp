// SPDX-License-Identifier: GPL-3.0-or-later
#include "h1_rig.h"

using namespace weir;
using base::Errc;
using test::errorOf;
using test::get;
using test::H1Rig;
using test::post;
using test::RecordingSink;
using upstream::Call;
using upstream::Processed;

namespace {

const QByteArray Ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

} // namespace

class TestH1Call : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRequestThatWasNotWrittenMayBeTriedAgain();
    void cancelClosesTheConnection_data();
    void cancelClosesTheConnection();
    void aReplyBeforeTheWholeRequestEndsIt();
    void aSinkMayDestroyItsCallAtAnyTime_data();
    void aSinkMayDestroyItsCallAtAnyTime();
};

void TestH1Call::aRequestThatWasNotWrittenMayBeTriedAgain()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    // Closed, and the lane's event loop has not seen it when the request comes.
    rig.peer.close();
    RecordingSink sink;
    const auto call = rig.lane->start(post(3), sink);
    call->sendBody("abc");
    call->endBody();
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LF"));
    QCOMPARE(sink.error.code, Errc::UpstreamClosed);
    QCOMPARE(sink.processed, Processed::No);
    QVERIFY(rig.peer.received.isEmpty());
}

void TestH1Call::cancelClosesTheConnection_data()
{
    QTest::addColumn<QByteArray>("phase");
    for (const char *phase : {"started", "upload", "waiting", "streaming", "paused"})
        QTest::newRow(phase) << QByteArray(phase);
}

void TestH1Call::cancelClosesTheConnection()
{
    QFETCH(QByteArray, phase);
    H1Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    const auto call = rig.lane->start(phase == "upload" ? post(1000) : get(), sink);
    if (phase == "started") { // nothing was sent, so the connection is as good as new
        call->cancel();
        QTest::qWait(20);
        QVERIFY(rig.peer.received.isEmpty());
        QCOMPARE(rig.lane->freeSlots(), 1);
        return;
    }
    if (phase == "paused")
        call->pause();
    if (phase == "streaming" || phase == "paused")
        rig.peer.onBytes = [&] { rig.peer.send(Ok.chopped(1)); };
    QVERIFY(QTest::qWaitFor([&] { return !rig.peer.received.isEmpty(); }));
    if (rig.peer.onBytes)
        QVERIFY(QTest::qWaitFor([&] { return sink.order.contains('H'); }));
    const QByteArray before = sink.order;
    call->cancel();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.closed; }, 100));
    QCOMPARE(sink.order, before);
    QCOMPARE(rig.died->count(), 1);
    QCOMPARE(errorOf(*rig.died).code, Errc::None);
}

void TestH1Call::aReplyBeforeTheWholeRequestEndsIt()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.onBytes = [&] { rig.peer.send("HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n"); };
    RecordingSink sink;
    const auto call = rig.lane->start(post(1000), sink);
    call->sendBody("some");
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LHE"));
    call->sendBody("more");                                           // is for nobody
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; })); // never to be used again
}

void TestH1Call::aSinkMayDestroyItsCallAtAnyTime_data()
{
    QTest::addColumn<char>("when");
    for (const char when : {'S', 'H', 'D', 'E', 'F'})
        QTest::addRow("%c", when) << when;
}

void TestH1Call::aSinkMayDestroyItsCallAtAnyTime()
{
    QFETCH(char, when);
    H1Rig rig;
    QVERIFY(rig.isReady);
    const bool isWhole = when == 'S' || when == 'E'; // else the rest never comes
    rig.peer.onBytes = [&] { rig.peer.send(when == 'F' ? "noise" : isWhole ? Ok : Ok.chopped(1)); };
    RecordingSink sink;
    std::unique_ptr<Call> call;
    (when == 'S'   ? sink.onSentDo
     : when == 'H' ? sink.onHeadDo
     : when == 'D' ? sink.onChunkDo
                   : sink.onOverDo) = [&] { call.reset(); };
    call = rig.lane->start(get(), sink);
    if (when == 'E') // the connection is fit for another one
        QVERIFY(QTest::qWaitFor([&] { return rig.lane->freeSlots() == 1 && sink.isOver(); }));
    else
        QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QVERIFY(sink.order.endsWith(when));
    QCOMPARE(rig.lane->inFlight(), 0);
}

QTEST_GUILESS_MAIN(TestH1Call)
#include "tst_h1_call.moc"
