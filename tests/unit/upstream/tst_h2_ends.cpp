// SPDX-License-Identifier: GPL-3.0-or-later
// How calls over HTTP/2 end without a reply, and what is known then of the request.
#include "h2_rig.h"
#include <array>
#include <nghttp2/nghttp2.h>

using namespace weir;
using base::Errc;
using test::errorOf;
using test::First;
using test::FramePeer;
using test::get;
using test::H2Rig;
using test::RecordingSink;
using upstream::Call;
using upstream::LaneState;
using upstream::Processed;

class TestH2Ends : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aResetTellsWhetherItWasProcessed_data();
    void aResetTellsWhetherItWasProcessed();
    void goAwayLetsRunningCallsEnd();
    void goAwayRefusesWhatItLeavesOut_data();
    void goAwayRefusesWhatItLeavesOut();
    void aHundredCallsFailOnceEach();
    void silenceAfterAPingEndsTheLane();
    void waitsForWhoTakesSlowly();
};

void TestH2Ends::aResetTellsWhetherItWasProcessed_data()
{
    QTest::addColumn<quint32>("code");
    QTest::addColumn<bool>("afterHead");
    QTest::addColumn<Processed>("processed");
    for (quint32 code = 0; code <= 13; ++code) {
        const bool isRefusal = code == 7;
        QTest::addRow("code %u before the head", code)
            << code << false << (isRefusal ? Processed::No : Processed::Maybe);
        QTest::addRow("code %u after the head", code) << code << true << Processed::Maybe;
    }
    QTest::newRow("a code that does not exist") << 0xFFFFU << false << Processed::Maybe;
}

void TestH2Ends::aResetTellsWhetherItWasProcessed()
{
    QFETCH(quint32, code);
    QFETCH(bool, afterHead);
    QFETCH(Processed, processed);
    H2Rig rig;
    QVERIFY(rig.isReady);
    QSignalSpy calm(rig.lane.get(), &upstream::Lane::calmAsked);
    RecordingSink sink;
    RecordingSink other;
    rig.peer.onRequest = [&](int id) {
        if (id != First) {
            rig.peer.sendHead(id, {{":status", "200"}}, FramePeer::EndStream);
            return;
        }
        if (afterHead)
            rig.peer.sendHead(id);
        rig.peer.reset(id, code);
    };
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray(afterHead ? "LSHF" : "LSF"));
    QCOMPARE(sink.processed, processed);
    // UpstreamCalm would say that it was not processed.
    QCOMPARE(sink.error.code, code == 0 && afterHead ? Errc::UpstreamTruncated : Errc::UpstreamClosed);
    QCOMPARE(calm.count(), code == 11 ? 1 : 0);
    QCOMPARE(rig.lane->figures().resets, 1U);
    const auto next = rig.lane->start(get(), other); // the lane is none the worse
    QVERIFY(QTest::qWaitFor([&] { return other.isOver(); }));
    QCOMPARE(other.order, QByteArray("LSHE"));
}

void TestH2Ends::goAwayLetsRunningCallsEnd()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    rig.peer.onRequest = [&](int id) {
        rig.peer.goAway(0x7FFFFFFF, 0);
        rig.peer.goAway(id, 0);
        rig.peer.sendHead(id);
    };
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return rig.lane->state() == LaneState::Retired; }));
    QCOMPARE(rig.lane->freeSlots(), 0);
    QCOMPARE(rig.died->count(), 0);
    rig.peer.sendData(First, "x", FramePeer::EndStream);
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(errorOf(*rig.died).code, Errc::None);
    QCOMPARE(rig.lane->figures().goAways, 2U);
}

void TestH2Ends::goAwayRefusesWhatItLeavesOut_data()
{
    QTest::addColumn<quint32>("reason");
    QTest::addColumn<Errc>("code");
    QTest::newRow("NO_ERROR") << 0U << Errc::UpstreamClosed;
    QTest::newRow("INTERNAL_ERROR") << 2U << Errc::UpstreamClosed;
    QTest::newRow("ENHANCE_YOUR_CALM") << 11U << Errc::UpstreamCalm;
}

void TestH2Ends::goAwayRefusesWhatItLeavesOut()
{
    QFETCH(quint32, reason);
    QFETCH(Errc, code);
    H2Rig rig;
    QVERIFY(rig.isReady);
    QSignalSpy calm(rig.lane.get(), &upstream::Lane::calmAsked);
    std::array<RecordingSink, 3> sinks;
    std::vector<std::unique_ptr<Call>> calls;
    rig.peer.onRequest = [&](int id) {
        if (id == 5)
            rig.peer.goAway(First, reason);
    };
    for (RecordingSink &sink : sinks)
        calls.push_back(rig.lane->start(get(), sink));
    QVERIFY(QTest::qWaitFor([&] { return sinks[1].isOver() && sinks[2].isOver(); }));
    for (const int left : {1, 2}) {
        QCOMPARE(sinks[std::size_t(left)].order, QByteArray("LSF"));
        QCOMPARE(sinks[std::size_t(left)].processed, Processed::No);
        QCOMPARE(sinks[std::size_t(left)].error.code, code);
    }
    QCOMPARE(calm.count(), code == Errc::UpstreamCalm ? 1 : 0);
    QVERIFY(!sinks[0].isOver());
    rig.peer.socket()->abort();
    QVERIFY(QTest::qWaitFor([&] { return sinks[0].isOver(); }));
    QCOMPARE(sinks[0].processed, Processed::Maybe);
    QCOMPARE(rig.died->count(), 1);
}

void TestH2Ends::aHundredCallsFailOnceEach()
{
    H2Rig rig({}, FramePeer::setting(3, 100));
    QVERIFY(QTest::qWaitFor([&] { return rig.lane->freeSlots() == 100; }));
    std::array<RecordingSink, 100> sinks;
    std::vector<std::unique_ptr<Call>> calls;
    for (RecordingSink &sink : sinks)
        calls.push_back(rig.lane->start(get(), sink));
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, 199) == 1; }));
    for (int id = 1; id < 100; id += 2)
        rig.peer.sendHead(id);
    QVERIFY(QTest::qWaitFor([&] { return sinks[49].order.contains('H'); }));
    rig.peer.socket()->abort();
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    for (const RecordingSink &sink : sinks) {
        QCOMPARE(sink.ends(), 1);
        QVERIFY(sink.hasFailed());
        QCOMPARE(sink.processed, Processed::Maybe);
    }
    QCOMPARE(errorOf(*rig.died).code, Errc::UpstreamClosed);
    QCOMPARE(rig.lane->state(), LaneState::Dead);
}

void TestH2Ends::silenceAfterAPingEndsTheLane()
{
    H2Rig rig({.pingDeadline = std::chrono::milliseconds(30)});
    QVERIFY(rig.isReady);
    rig.peer.answersPings = false;
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, First) == 1; }));
    // Whoever sends something else lives.
    rig.lane->checkHealth();
    rig.peer.sendHead(First);
    QTest::qWait(60);
    QCOMPARE(rig.lane->state(), LaneState::Ready);
    rig.lane->checkHealth();
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.order, QByteArray("LSHF"));
    QCOMPARE(sink.error.code, Errc::UpstreamClosed);
}

/// A PING behind megabytes says nothing until they have been taken.
void TestH2Ends::waitsForWhoTakesSlowly()
{
    constexpr int Large = 16 * 1024 * 1024;
    constexpr int AtOnce = 64 * 1024;
    H2Rig rig({.pingDeadline = std::chrono::milliseconds(300)},
              FramePeer::setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Large));
    QVERIFY(rig.isReady);
    rig.peer.widen(0, Large);
    QTcpSocket &upstream = *rig.peer.socket();
    upstream.disconnect(&upstream); // it reads no more by itself
    upstream.setReadBufferSize(AtOnce);
    upstream.setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 4 * AtOnce);
    RecordingSink sink;
    const auto call = rig.lane->start(test::post(Large), sink);
    call->sendBody(QByteArray(Large, 'x'));
    QVERIFY(QTest::qWaitFor([&] { return upstream.bytesAvailable() == AtOnce; }));
    rig.lane->checkHealth();
    for (int turn = 0; turn < 100; ++turn) { // more than three deadlines
        upstream.skip(AtOnce);
        QTest::qWait(10);
    }
    QCOMPARE(rig.lane->state(), LaneState::Ready);
    // Then it takes nothing any more.
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.error.code, Errc::UpstreamClosed);
}

QTEST_GUILESS_MAIN(TestH2Ends)
#include "tst_h2_ends.moc"
