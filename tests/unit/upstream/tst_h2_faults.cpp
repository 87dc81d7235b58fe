// SPDX-License-Identifier: GPL-3.0-or-later
#include "h2_rig.h"
#include "upstream/h2_session.h"

using namespace weir;
using base::Errc;
using test::errorOf;
using test::First;
using test::FramePeer;
using test::get;
using test::H2Rig;
using test::RecordingSink;
using upstream::H2Session;
using upstream::LaneState;
using upstream::Processed;

namespace {

using Frames = std::function<void(FramePeer &)>;

QByteArray headWith(const FramePeer::Fields &fields, int flags = 0)
{
    return FramePeer::frame(FramePeer::Headers, FramePeer::EndHeaders | flags, First,
                            FramePeer::block(fields));
}

QByteArray dataWith(const QByteArray &bytes, int flags = FramePeer::EndStream)
{
    return FramePeer::frame(FramePeer::Data, flags, First, bytes);
}

QByteArray times(const QByteArray &bytes, int count)
{
    return bytes.repeated(count);
}

} // namespace

class TestH2Faults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aReplyBeyondItsWindowFails();
    void aBrokenReplyFails_data();
    void aBrokenReplyFails();
    void aFieldThatMustNotPassIsDropped_data();
    void aFieldThatMustNotPassIsDropped();
    void aFloodEndsTheLane_data();
    void aFloodEndsTheLane();
    void pingsNowAndThenAreNoFlood();
};

void TestH2Faults::aReplyBeyondItsWindowFails()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    call->pause();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, First) == 1; }));
    rig.peer.sendHead(First);
    for (int sent = 0; sent <= H2Session::StreamWindow; sent += 16'384)
        rig.peer.sendData(First, QByteArray(16'384, 's'));
    QVERIFY(QTest::qWaitFor([&] { return !rig.peer.received(FramePeer::RstStream, First).empty(); }));
    call->resume();
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LSHDF"));
    QCOMPARE(sink.error.code, Errc::UpstreamProtocol);
    QVERIFY(sink.bodySize <= H2Session::StreamWindow);
}

void TestH2Faults::aBrokenReplyFails_data()
{
    const QByteArray ok = headWith({{":status", "200"}});
    const auto interim = headWith({{":status", "103"}});
    FramePeer::Fields many{{":status", "200"}};
    for (int count = 0; count < 300; ++count)
        many.emplace_back("x-" + QByteArray::number(count), "1");
    QByteArray block = FramePeer::block(
        {{":status", "200"}, {"x-a", QByteArray(35'000, 'a')}, {"x-b", QByteArray(35'000, 'b')}});
    QByteArray large = FramePeer::frame(FramePeer::Headers, 0, First, block.left(16'384));
    for (qsizetype at = 16'384; at < block.size(); at += 16'384)
        large +=
            FramePeer::frame(FramePeer::Continuation, at + 16'384 < block.size() ? 0 : FramePeer::EndHeaders,
                             First, block.mid(at, 16'384));

    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<bool>("laneLives");
    QTest::newRow("no :status") << headWith({{"x-a", "1"}}) + dataWith("x") << true;
    QTest::newRow(":status that is no number") << headWith({{":status", "2x0"}}) + dataWith("x") << true;
    QTest::newRow(":status 000") << headWith({{":status", "000"}}) + dataWith("x") << true;
    QTest::newRow(":status 99999") << headWith({{":status", "99999"}}) + dataWith("x") << true;
    QTest::newRow(":status 101") << headWith({{":status", "101"}}) + dataWith("x") << true;
    QTest::newRow("17 interim replies") << times(interim, 17) + ok + dataWith("x") << true;
    QTest::newRow("an interim reply that ends the stream")
        << headWith({{":status", "103"}}, FramePeer::EndStream) << true;
    QTest::newRow("body shorter than its length")
        << headWith({{":status", "200"}, {"content-length", "9"}}) + dataWith("x") << true;
    QTest::newRow("body longer than its length")
        << headWith({{":status", "200"}, {"content-length", "1"}}) + dataWith("xyz") << true;
    QTest::newRow("two lengths")
        << headWith({{":status", "200"}, {"content-length", "1"}, {"content-length", "2"}}) + dataWith("x")
        << true;
    QTest::newRow("negative length") << headWith({{":status", "200"}, {"content-length", "-1"}}) +
                                            dataWith("x")
                                     << true;
    QTest::newRow("data before the head") << dataWith("x", 0) + ok << false;
    QTest::newRow("a body in a 204") << headWith({{":status", "204"}}) + dataWith("x") << true;
    QTest::newRow("connection-specific field")
        << headWith({{":status", "200"}, {"connection", "x-a"}}) + dataWith("x") << true;
    QTest::newRow("300 fields") << headWith(many) + dataWith("x") << true;
    QTest::newRow("a head of 70 KB") << large + dataWith("x") << true;
    QTest::newRow("a push") << FramePeer::frame(FramePeer::PushPromise, FramePeer::EndHeaders, First,
                                                FramePeer::number(2, 4) +
                                                    FramePeer::block({{":method", "GET"}}))
                            << false;
    QTest::newRow("HTTP/1.1") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") << false;
    QTest::newRow("noise") << QByteArray(64, '\xA5') << false;
    QTest::newRow("broken HPACK") << FramePeer::frame(FramePeer::Headers, FramePeer::EndHeaders, First,
                                                      QByteArray("\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 7))
                                  << false;
    QTest::newRow("SETTINGS of a wrong size") << FramePeer::frame(FramePeer::Settings, 0, 0, "abc") << false;
    QTest::newRow("frame that is too large")
        << FramePeer::frame(FramePeer::Data, 0, First, QByteArray(20'000, 'x')) << false;
}

void TestH2Faults::aBrokenReplyFails()
{
    QFETCH(QByteArray, reply);
    QFETCH(bool, laneLives);
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    RecordingSink other;
    rig.peer.onRequest = [&](int id) {
        if (id == 3)
            rig.peer.sendRaw(reply);
    };
    const auto call = rig.lane->start(get(), sink);
    const auto bystander = rig.lane->start(get(), other);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QTest::qWait(10);
    QCOMPARE(sink.ends(), 1);
    QVERIFY2(sink.hasFailed(), sink.order.constData());
    QCOMPARE(sink.error.code, Errc::UpstreamProtocol);
    QCOMPARE(sink.processed, Processed::Maybe);
    QVERIFY(QByteArray::fromStdString(sink.error.detail).contains("127.0.0.1"));
    // Only what breaks the connection itself hurts the other calls on it.
    QCOMPARE(other.isOver(), !laneLives);
    QCOMPARE(rig.died->count(), laneLives ? 0 : 1);
    if (!laneLives)
        QCOMPARE(errorOf(*rig.died).code, Errc::UpstreamProtocol);
    else
        QVERIFY(rig.peer.count(FramePeer::RstStream, First) == 1);
}

void TestH2Faults::aFieldThatMustNotPassIsDropped_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("value");
    QTest::newRow("CR LF") << QByteArray("x-evil") << QByteArray("a\r\nx-injected: 1");
    QTest::newRow("LF") << QByteArray("x-evil") << QByteArray("a\nb");
    QTest::newRow("NUL") << QByteArray("x-evil") << QByteArray("a\0b", 3);
    QTest::newRow("upper case") << QByteArray("X-Evil") << QByteArray("a");
    QTest::newRow("blank in the name") << QByteArray("x-evil x") << QByteArray("a");
    QTest::newRow("no name") << QByteArray("") << QByteArray("a");
    QTest::newRow("hop-by-hop") << QByteArray("proxy-authenticate") << QByteArray("Basic");
}

void TestH2Faults::aFieldThatMustNotPassIsDropped()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, value);
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    rig.peer.onRequest = [&](int) {
        rig.peer.sendRaw(headWith({{":status", "200"}, {name, value}, {"x-good", "1"}}) + dataWith("x"));
    };
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    if (sink.hasFailed()) {
        QVERIFY(!sink.order.contains('H'));
        return;
    }
    QCOMPARE(sink.head.headers.size(), 1U);
    QVERIFY(sink.head.headers.contains("x-good"));
}

void TestH2Faults::aFloodEndsTheLane_data()
{
    QTest::addColumn<QByteArray>("frames");
    const int many = 3 * H2Session::BarrenFramesMax;
    const QByteArray ok = headWith({{":status", "200"}});
    QTest::newRow("PING") << times(FramePeer::frame(FramePeer::Ping, 0, 0, QByteArray(8, 'p')), many);
    QTest::newRow("SETTINGS") << times(FramePeer::frame(FramePeer::Settings, 0, 0, {}), many);
    QTest::newRow("empty DATA") << ok + times(dataWith({}, 0), many);
    QTest::newRow("RST_STREAM of a stream that has ended")
        << ok + dataWith("x") +
               times(FramePeer::frame(FramePeer::RstStream, 0, First, FramePeer::number(8, 4)), many);
    QTest::newRow("WINDOW_UPDATE") << times(
        FramePeer::frame(FramePeer::WindowUpdate, 0, 0, FramePeer::number(1, 4)), many);
    QTest::newRow("empty CONTINUATION")
        << FramePeer::frame(FramePeer::Headers, 0, First, {}) +
               times(FramePeer::frame(FramePeer::Continuation, 0, First, {}), many);
    QByteArray endless =
        FramePeer::frame(FramePeer::Headers, 0, First, FramePeer::block({{":status", "200"}}));
    const QByteArray part = FramePeer::block({{"x-a", QByteArray(16'000, 'a')}});
    QTest::newRow("CONTINUATION without end")
        << endless + times(FramePeer::frame(FramePeer::Continuation, 0, First, part), 100);
}

void TestH2Faults::aFloodEndsTheLane()
{
    QFETCH(QByteArray, frames);
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    RecordingSink second; // in flight whatever becomes of the first
    rig.peer.onRequest = [&](int id) {
        if (id == 3)
            rig.peer.sendRaw(frames);
    };
    const auto call = rig.lane->start(get(), sink);
    const auto other = rig.lane->start(get(), second);
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(errorOf(*rig.died).code, Errc::UpstreamProtocol);
    QCOMPARE(sink.ends(), 1);
    QCOMPARE(second.order, QByteArray("LSF"));
    QCOMPARE(second.error.code, Errc::UpstreamProtocol);
    QCOMPARE(rig.lane->state(), LaneState::Dead);
}

void TestH2Faults::pingsNowAndThenAreNoFlood()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    int round = 0;
    const auto goOn = [&] {
        rig.peer.sendRaw(times(FramePeer::frame(FramePeer::Ping, 0, 0, QByteArray(8, 'p')),
                               H2Session::BarrenFramesMax / 2));
        rig.peer.sendData(First, "x", ++round == 4 ? FramePeer::EndStream : 0);
    };
    sink.onChunkDo = [&] {
        if (round < 4)
            goOn();
    };
    rig.peer.onRequest = [&](int id) {
        rig.peer.sendHead(id);
        goOn();
    };
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(rig.lane->state(), LaneState::Ready);
}

QTEST_GUILESS_MAIN(TestH2Faults)
#include "tst_h2_faults.moc"
