// SPDX-License-Identifier: GPL-3.0-or-later
#include "h2_rig.h"
#include "upstream/h2_session.h"
#include "upstream/pooled_call.h"

using namespace weir;
using base::Errc;
using test::errorOf;
using test::First;
using test::FramePeer;
using test::get;
using test::H2Rig;
using test::post;
using test::RecordingSink;
using upstream::Call;
using upstream::H2Session;
using upstream::LaneState;
using upstream::Processed;

class TestH2Lane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aCallRunsFromHeadToEnd();
    void requestsOfOneTurnLeaveInOneWrite();
    void aBodyOfUnknownSizeIsSentAsItComes();
    void theUpstreamsLimitIsTheNumberOfSlots_data();
    void theUpstreamsLimitIsTheNumberOfSlots();
    void aPausedReplyHoldsItsWindowAndNoMore();
    void aBodyWaitsForTheUpstream();
    void anAnsweredPingTellsTheRoundTrip();
    void aRetiredLaneDiesWhenItIsDone();
    void aLaneRetiresAfterItsCalls();
};

void TestH2Lane::aCallRunsFromHeadToEnd()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    rig.peer.onRequest = [&](int id) {
        rig.peer.sendHead(id, {{":status", "103"}, {"link", "x"}});
        rig.peer.sendHead(id, {{":status", "201"}, {"content-length", "5"}, {"x-a", "1"}, {"x-a", "2"}});
        rig.peer.sendData(id, "he");
        rig.peer.sendData(id, "llo", FramePeer::EndStream);
    };
    const auto call = rig.lane->start(get(), sink);
    QCOMPARE(sink.order, QByteArray("L"));
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.head.status, 201);
    QCOMPARE(sink.head.contentLength, std::optional<std::int64_t>(5));
    QCOMPARE(sink.head.headers.count("x-a"), 2U);
    QVERIFY(!sink.head.headers.contains("link"));
    QVERIFY(!sink.head.headers.contains("content-length"));
    QCOMPARE(sink.body, QByteArray("hello"));
    QCOMPARE(sink.protocol, QByteArray("h2"));
    QVERIFY(!sink.reused);
    RecordingSink second;
    const auto again = rig.lane->start(get(), second);
    QVERIFY(QTest::qWaitFor([&] { return second.isOver(); }));
    QVERIFY(second.reused);
    const auto figures = rig.lane->figures();
    QCOMPARE(figures.calls, 2U);
    QCOMPARE(figures.inFlight, 0);
    QVERIFY(figures.times && figures.times->ready >= figures.times->began);
}

void TestH2Lane::requestsOfOneTurnLeaveInOneWrite()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    std::vector<std::unique_ptr<RecordingSink>> sinks;
    std::vector<std::unique_ptr<Call>> calls;
    for (int count = 0; count < 3; ++count) {
        sinks.push_back(std::make_unique<RecordingSink>());
        calls.push_back(rig.lane->start(post(300), *sinks.back()));
        calls.back()->sendBody(QByteArray(300, 'x'));
        calls.back()->endBody();
    }
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Data, 5) == 1; }));
    const int read = rig.peer.received(FramePeer::Headers, 1).front().read;
    for (const int id : {1, 3, 5}) {
        QCOMPARE(rig.peer.received(FramePeer::Headers, id).front().read, read);
        QCOMPARE(rig.peer.received(FramePeer::Data, id).front().read, read);
        QCOMPARE(rig.peer.received(FramePeer::Data, id).front().flags, FramePeer::EndStream);
    }
    for (const auto &sink : sinks)
        QCOMPARE(sink->order, QByteArray("LS"));
}

void TestH2Lane::aBodyOfUnknownSizeIsSentAsItComes()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    const auto call = rig.lane->start(post(), sink);
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, First) == 1; }));
    call->sendBody("one");
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Data, First) == 1; }));
    QCOMPARE(sink.order, QByteArray("L"));
    call->sendBody("two");
    call->endBody();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Data, First) == 2; }));
    QCOMPARE(rig.peer.received(FramePeer::Data, First).back().payload, QByteArray("two"));
    QCOMPARE(rig.peer.received(FramePeer::Data, First).back().flags, FramePeer::EndStream);
    QCOMPARE(sink.order, QByteArray("LS"));
}

void TestH2Lane::theUpstreamsLimitIsTheNumberOfSlots_data()
{
    QTest::addColumn<QByteArray>("settings");
    QTest::addColumn<int>("slots");
    QTest::newRow("three") << FramePeer::setting(3, 3) << 3;
    QTest::newRow("none named: our own bound") << QByteArray() << H2Session::SlotsMax;
    QTest::newRow("a million: our own bound") << FramePeer::setting(3, 1'000'000) << H2Session::SlotsMax;
    QTest::newRow("zero") << FramePeer::setting(3, 0) << 0;
}

void TestH2Lane::theUpstreamsLimitIsTheNumberOfSlots()
{
    QFETCH(QByteArray, settings);
    QFETCH(int, slots);
    H2Rig rig({}, settings);
    QVERIFY(QTest::qWaitFor([&] { return rig.lane->freeSlots() == slots; }));
    QSignalSpy changed(rig.lane.get(), &upstream::Lane::slotsChanged);
    // Changed while it runs, and back.
    rig.peer.send(FramePeer::Settings, 0, 0, FramePeer::setting(3, 2));
    QVERIFY(QTest::qWaitFor([&] { return rig.lane->freeSlots() == 2; }));
    QVERIFY(changed.count() > 0);
    RecordingSink a;
    RecordingSink b;
    const auto first = rig.lane->start(get(), a);
    const auto second = rig.lane->start(get(), b);
    QCOMPARE(rig.lane->freeSlots(), 0);
    changed.clear();
    first->cancel();
    QVERIFY(QTest::qWaitFor([&] { return changed.count() == 1; }));
    QCOMPARE(rig.lane->freeSlots(), 1);
}

void TestH2Lane::aPausedReplyHoldsItsWindowAndNoMore()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink slow;
    RecordingSink fast;
    const auto paused = rig.lane->start(get(), slow);
    const auto other = rig.lane->start(get(), fast);
    paused->pause();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, 3) == 1; }));
    const auto given = [&](int id) {
        qint64 sum = 0;
        for (const auto &update : rig.peer.received(FramePeer::WindowUpdate, id))
            sum += update.payload.toHex().toLongLong(nullptr, 16);
        return sum;
    };
    const qint64 connectionStart = given(0);
    rig.peer.sendHead(1);
    rig.peer.sendHead(3);
    constexpr int FrameSize = 16'384;
    constexpr int Frames = H2Session::StreamWindow / FrameSize;
    for (int count = 0; count < Frames; ++count)
        rig.peer.sendData(1, QByteArray(FrameSize, 's'));
    // The other one takes ten times its window meanwhile.
    qint64 sent = 0;
    while (sent < 10LL * H2Session::StreamWindow) {
        QVERIFY(QTest::qWaitFor([&] { return given(3) + H2Session::StreamWindow - sent >= FrameSize; }));
        rig.peer.sendData(3, QByteArray(FrameSize, 'f'));
        sent += FrameSize;
    }
    QVERIFY(QTest::qWaitFor([&] { return fast.bodySize == sent; }));
    QCOMPARE(slow.order, QByteArray("LSH"));
    QCOMPARE(given(1), 0);
    // The connection never waits for the slow one (updates come by the half window).
    QVERIFY(given(0) - connectionStart >= sent + H2Session::StreamWindow - H2Session::ConnectionWindow / 2);
    paused->resume();
    QVERIFY(QTest::qWaitFor([&] { return slow.bodySize == H2Session::StreamWindow; }));
    QVERIFY(QTest::qWaitFor([&] { return given(1) >= H2Session::StreamWindow / 2; }));
    rig.peer.sendData(1, "end", FramePeer::EndStream);
    QVERIFY(QTest::qWaitFor([&] { return slow.isOver(); }));
    QCOMPARE(slow.order, QByteArray("LSHDE"));
}

void TestH2Lane::aBodyWaitsForTheUpstream()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    constexpr qsizetype Size = 4 * 1024 * 1024;
    qsizetype given = 0;
    const auto call = rig.lane->start(post(Size), sink);
    const auto feed = [&] {
        while (given < Size && !call->isBodyFull()) {
            call->sendBody(QByteArray(64 * 1024, 'b'));
            given += 64 * 1024;
        }
        if (given == Size)
            call->endBody();
    };
    sink.onWantedDo = feed;
    feed();
    QVERIFY(call->isBodyFull());
    const auto taken = [&] {
        qsizetype sum = 0;
        for (const auto &data : rig.peer.received(FramePeer::Data, First))
            sum += data.payload.size();
        return sum;
    };
    constexpr qsizetype InitialWindow = 65'535; // RFC 9113 §6.9.2
    QVERIFY(QTest::qWaitFor([&] { return taken() == InitialWindow; }));
    QTest::qWait(50);
    QCOMPARE(taken(), InitialWindow);
    QVERIFY(given <= InitialWindow + 2 * upstream::BodyHighWatermark);
    QCOMPARE(sink.order, QByteArray("L"));
    rig.peer.widen(0, quint32(Size));
    rig.peer.widen(First, quint32(Size));
    QVERIFY(QTest::qWaitFor([&] { return taken() == Size; }));
    QVERIFY(sink.order.contains('W'));
    QVERIFY(sink.order.endsWith('S'));
}

void TestH2Lane::anAnsweredPingTellsTheRoundTrip()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    QVERIFY(!rig.lane->figures().roundTrip);
    rig.lane->checkHealth();
    rig.lane->checkHealth(); // one at a time
    QVERIFY(QTest::qWaitFor([&] { return rig.lane->figures().roundTrip.has_value(); }));
    QCOMPARE(rig.peer.count(FramePeer::Ping, 0), 1);
}

void TestH2Lane::aRetiredLaneDiesWhenItIsDone()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    rig.lane->retire();
    QCOMPARE(rig.lane->state(), LaneState::Retired);
    QCOMPARE(rig.lane->freeSlots(), 0);
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, First) == 1; }));
    rig.peer.sendHead(First, {{":status", "200"}}, FramePeer::EndStream);
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.order, QByteArray("LSHE"));
    QCOMPARE(errorOf(*rig.died).code, Errc::None);
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::GoAway, 0) == 1; }));
    H2Rig idle;
    QVERIFY(idle.isReady);
    idle.lane->retire();
    QCOMPARE(idle.died->count(), 1);
}

void TestH2Lane::aLaneRetiresAfterItsCalls()
{
    H2Rig rig({.callsMax = 2});
    QVERIFY(rig.isReady);
    RecordingSink a;
    RecordingSink b;
    rig.peer.onRequest = [&](int id) { rig.peer.sendHead(id, {{":status", "200"}}, FramePeer::EndStream); };
    const auto first = rig.lane->start(get(), a);
    QVERIFY(rig.lane->freeSlots() > 0);
    const auto second = rig.lane->start(get(), b);
    QCOMPARE(rig.lane->freeSlots(), 0);
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(a.order, QByteArray("LSHE"));
    QCOMPARE(b.order, QByteArray("LSHE"));
}

QTEST_GUILESS_MAIN(TestH2Lane)
#include "tst_h2_lane.moc"
