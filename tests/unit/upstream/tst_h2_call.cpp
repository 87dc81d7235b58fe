// SPDX-License-Identifier: GPL-3.0-or-later
#include "h2_rig.h"

using namespace weir;
using test::First;
using test::FramePeer;
using test::get;
using test::H2Rig;
using test::post;
using test::RecordingSink;
using upstream::Call;
using upstream::CallRequest;
using upstream::LaneState;
using upstream::Processed;

class TestH2Call : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aReplyWithoutABodyEnds_data();
    void aReplyWithoutABodyEnds();
    void aRequestThatWasNotWrittenMayBeTriedAgain();
    void cancelTellsTheUpstream_data();
    void cancelTellsTheUpstream();
    void aSinkMayDestroyItsCallAtAnyTime_data();
    void aSinkMayDestroyItsCallAtAnyTime();
    void aReplyBeforeTheWholeRequestEndsIt();
    void aWholeReplyOutlivesItsConnection();
};

void TestH2Call::aReplyWithoutABodyEnds_data()
{
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<QByteArray>("method");
    QTest::newRow("204") << QByteArray("204") << QByteArray("GET");
    QTest::newRow("304") << QByteArray("304") << QByteArray("GET");
    QTest::newRow("to HEAD") << QByteArray("200") << QByteArray("HEAD");
}

void TestH2Call::aReplyWithoutABodyEnds()
{
    QFETCH(QByteArray, status);
    QFETCH(QByteArray, method);
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    rig.peer.onRequest = [&](int) {
        FramePeer::Fields fields{{":status", status}};
        if (status != "204")
            fields.emplace_back("content-length", "10");
        rig.peer.sendHead(First, fields, FramePeer::EndStream);
    };
    CallRequest request = get();
    request.method = method.toStdString();
    const auto call = rig.lane->start(request, sink);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LSHE"));
}

void TestH2Call::aRequestThatWasNotWrittenMayBeTriedAgain()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    // Closed, and the lane's event loop has not seen it when the request comes.
    rig.peer.socket()->abort();
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LF"));
    QCOMPARE(sink.processed, Processed::No);
}

void TestH2Call::cancelTellsTheUpstream_data()
{
    QTest::addColumn<QByteArray>("phase");
    for (const char *phase : {"started", "upload", "waiting", "streaming", "paused"})
        QTest::newRow(phase) << QByteArray(phase);
}

void TestH2Call::cancelTellsTheUpstream()
{
    QFETCH(QByteArray, phase);
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    const auto call = rig.lane->start(phase == "upload" ? post(100) : get(), sink);
    if (phase == "started") {
        call->cancel();
        QTest::qWait(20);
        QCOMPARE(rig.peer.count(FramePeer::Headers, First), 0);
        QCOMPARE(sink.order, QByteArray("L"));
        QCOMPARE(rig.lane->inFlight(), 0);
        return;
    }
    if (phase == "paused")
        call->pause();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, First) == 1; }));
    if (phase == "streaming" || phase == "paused") {
        rig.peer.sendHead(First);
        rig.peer.sendData(First, "x");
        QVERIFY(QTest::qWaitFor([&] { return sink.order.contains('H'); }));
        QTest::qWait(10);
    }
    const QByteArray before = sink.order;
    call->cancel();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::RstStream, First) == 1; }, 100));
    QCOMPARE(rig.peer.received(FramePeer::RstStream, First).front().payload, FramePeer::number(8, 4));
    rig.peer.sendData(First, "late", FramePeer::EndStream);
    QTest::qWait(10);
    QCOMPARE(sink.order, before);
    QCOMPARE(rig.lane->inFlight(), 0);
    QCOMPARE(rig.lane->state(), LaneState::Ready);
}

void TestH2Call::aSinkMayDestroyItsCallAtAnyTime_data()
{
    QTest::addColumn<char>("when");
    for (const char when : {'S', 'H', 'D', 'E', 'F'})
        QTest::addRow("%c", when) << when;
}

void TestH2Call::aSinkMayDestroyItsCallAtAnyTime()
{
    QFETCH(char, when);
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    RecordingSink next;
    std::unique_ptr<Call> call;
    std::unique_ptr<Call> following;
    // Destroys its call and starts another one from within.
    const auto act = [&] {
        call.reset();
        following = rig.lane->start(get(), next);
    };
    (when == 'S'   ? sink.onSentDo
     : when == 'H' ? sink.onHeadDo
     : when == 'D' ? sink.onChunkDo
                   : sink.onOverDo) = act;
    rig.peer.onRequest = [&](int id) {
        if (id == First && when == 'F') {
            rig.peer.reset(id, 2);
            return;
        }
        rig.peer.sendHead(id);
        rig.peer.sendData(id, "x");
        rig.peer.sendData(id, "y", FramePeer::EndStream);
    };
    call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return next.isOver(); }));
    QVERIFY(sink.order.endsWith(when));
    QCOMPARE(next.order, QByteArray("LSHDE"));
    QCOMPARE(rig.lane->inFlight(), 0);
}

void TestH2Call::aReplyBeforeTheWholeRequestEndsIt()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    rig.peer.onRequest = [&](int id) { rig.peer.sendHead(id, {{":status", "413"}}, FramePeer::EndStream); };
    const auto call = rig.lane->start(post(1000), sink);
    call->sendBody("some");
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LHE"));
    call->sendBody("more"); // is for nobody
    call->endBody();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::RstStream, First) == 1; }));
    QCOMPARE(rig.lane->state(), LaneState::Ready);
}

void TestH2Call::aWholeReplyOutlivesItsConnection()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    call->pause();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, First) == 1; }));
    rig.peer.sendHead(First);
    rig.peer.sendData(First, "whole", FramePeer::EndStream);
    rig.peer.socket()->disconnectFromHost();
    QVERIFY(QTest::qWaitFor([&] { return rig.lane->state() == LaneState::Retired; }));
    QCOMPARE(rig.died->count(), 0);
    call->resume();
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.body, QByteArray("whole"));
}

QTEST_GUILESS_MAIN(TestH2Call)
#include "tst_h2_call.moc"
