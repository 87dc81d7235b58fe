// SPDX-License-Identifier: GPL-3.0-or-later
#include "h1_rig.h"
#include "upstream/h1_session.h"

using namespace weir;
using base::Errc;
using test::errorOf;
using test::get;
using test::H1Rig;
using test::post;
using test::RecordingSink;
using upstream::CallRequest;
using upstream::H1Session;
using upstream::LaneState;
using upstream::Processed;

namespace {

const QByteArray Ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

} // namespace

class TestH1Lane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void callsFollowEachOtherOnOneConnection();
    void aRequestLeavesInOneWrite();
    void aRequestIsFramed_data();
    void aRequestIsFramed();
    void aBodyWaitsForTheUpstream();
    void aWholeBodyIsSentOnlyWhenItIsTaken_data();
    void aWholeBodyIsSentOnlyWhenItIsTaken();
    void aPausedReplyWaitsInTheKernel();
    void aPausedReplyOutlivesItsConnection();
    void aBrokenReplyFails_data();
    void aBrokenReplyFails();
    void bytesAfterAReplyReachNobody();
    void aConnectionThatCloses_data();
    void aConnectionThatCloses();
    void anIdleConnectionThatClosesIsNoError();
};

void TestH1Lane::callsFollowEachOtherOnOneConnection()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.answerEach(Ok);
    QSignalSpy changed(rig.lane.get(), &upstream::Lane::slotsChanged);
    for (int round = 0; round < 3; ++round) {
        RecordingSink sink;
        QCOMPARE(rig.lane->freeSlots(), 1);
        const auto call = rig.lane->start(get(), sink);
        QCOMPARE(rig.lane->freeSlots(), 0);
        QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
        QCOMPARE(sink.order, QByteArray("LSHDE"));
        QCOMPARE(sink.body, QByteArray("hello"));
        QCOMPARE(sink.protocol, QByteArray("http/1.1"));
        QCOMPARE(sink.reused, round > 0);
        QVERIFY(QTest::qWaitFor([&] { return changed.count() == round + 1; }));
    }
    QCOMPARE(rig.peer.connections, 1);
    QCOMPARE(rig.lane->figures().calls, 3U);
    QCOMPARE(rig.lane->figures().slots, 1);
}

void TestH1Lane::aRequestLeavesInOneWrite()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    const auto call = rig.lane->start(post(300), sink);
    call->sendBody(QByteArray(300, 'x'));
    call->endBody();
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.received.endsWith("xxx"); }));
    QCOMPARE(rig.peer.reads, 1);
}

void TestH1Lane::aRequestIsFramed_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<bool>("hasBody");
    QTest::addColumn<int>("size"); // -1 = unknown
    QTest::addColumn<QByteArray>("expected");
    const QByteArray start = " /v1?a=b HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX-Api-Key: k\r\n";
    QTest::newRow("GET") << QByteArray("GET") << false << -1 << "GET" + start + "\r\n";
    QTest::newRow("POST without a body")
        << QByteArray("POST") << false << -1 << "POST" + start + "Content-Length: 0\r\n\r\n";
    QTest::newRow("POST of known size")
        << QByteArray("POST") << true << 6 << "POST" + start + "Content-Length: 6\r\n\r\nonetwo";
    QTest::newRow("POST of unknown size")
        << QByteArray("POST") << true << -1
        << "POST" + start + "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n";
}

void TestH1Lane::aRequestIsFramed()
{
    QFETCH(QByteArray, method);
    QFETCH(bool, hasBody);
    QFETCH(int, size);
    QFETCH(QByteArray, expected);
    H1Rig rig;
    QVERIFY(rig.isReady);
    expected.replace("PORT", QByteArray::number(rig.peer.port()));
    CallRequest request{method.toStdString(), "/v1?a=b", {}, hasBody, {}, {}};
    request.headers.add("X-Api-Key", "k");
    if (size >= 0)
        request.bodySize = size;
    RecordingSink sink;
    const auto call = rig.lane->start(request, sink);
    if (hasBody) {
        call->sendBody("one");
        QVERIFY(QTest::qWaitFor([&] { return rig.peer.received.contains("one"); }));
        QVERIFY(!sink.order.contains('S'));
        call->sendBody("two");
        call->endBody();
    }
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.received.size() == expected.size(); }));
    QCOMPARE(rig.peer.received, expected);
    QCOMPARE(sink.order, QByteArray("LS"));
}

void TestH1Lane::aBodyWaitsForTheUpstream()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.socket()->setReadBufferSize(1024);
    rig.peer.socket()->disconnect(); // reads nothing
    RecordingSink sink;
    constexpr qsizetype Size = 64 * 1024 * 1024;
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
    QTest::qWait(100);
    QVERIFY(call->isBodyFull());
    // The kernel's own buffers take some; this process holds no more than its bounds.
    qsizetype stalledAt = given;
    QTest::qWait(50);
    QCOMPARE(given, stalledAt);
    QVERIFY(given < Size);
    qint64 taken = 0;
    rig.peer.socket()->setReadBufferSize(0);
    QVERIFY(QTest::qWaitFor(
        [&] {
            taken += rig.peer.socket()->readAll().size();
            return taken >= Size;
        },
        20'000));
    QVERIFY(QTest::qWaitFor([&] { return sink.order.endsWith('S'); }));
    QVERIFY(sink.order.contains('W'));
}

void TestH1Lane::aWholeBodyIsSentOnlyWhenItIsTaken_data()
{
    QTest::addColumn<bool>("isSizeTold");
    QTest::newRow("with a length") << true;
    QTest::newRow("in chunks") << false;
}

/// Who gave it counts it until then.
void TestH1Lane::aWholeBodyIsSentOnlyWhenItIsTaken()
{
    QFETCH(bool, isSizeTold);
    H1Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.socket()->setReadBufferSize(1024);
    rig.peer.socket()->disconnect(); // reads nothing
    QByteArray body;
    for (int number = 0; body.size() < 24 * 1024 * 1024; ++number) // the kernel's buffers hold about ten
        body += QByteArray::number(number) + ' ';
    RecordingSink sink;
    const auto call = rig.lane->start(post(isSizeTold ? std::optional(body.size()) : std::nullopt), sink);
    call->sendBody(body);
    call->endBody();
    QTest::qWait(100);
    QVERIFY(!sink.order.contains('S'));
    QByteArray taken;
    rig.peer.socket()->setReadBufferSize(0);
    const auto isAll = [&] {
        taken += rig.peer.socket()->readAll();
        return isSizeTold ? taken.endsWith(body.right(100)) : taken.endsWith("\r\n0\r\n\r\n");
    };
    QVERIFY(QTest::qWaitFor(isAll, 20'000));
    QVERIFY(QTest::qWaitFor([&] { return sink.order.endsWith('S'); }));
    taken.remove(0, taken.indexOf("\r\n\r\n") + 4);
    if (isSizeTold) {
        QVERIFY(taken == body);
        return;
    }
    QByteArray plain;
    for (qsizetype at = 0; at < taken.size();) {
        const qsizetype lineEnd = taken.indexOf("\r\n", at);
        const qsizetype size = taken.mid(at, lineEnd - at).toLongLong(nullptr, 16);
        plain += taken.mid(lineEnd + 2, size);
        at = lineEnd + 2 + size + 2;
    }
    QVERIFY(plain == body);
}

void TestH1Lane::aPausedReplyWaitsInTheKernel()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    constexpr qint64 Size = 24 * 1024 * 1024; // the kernel's buffers hold about ten
    qint64 written = 0;
    const auto fill = [&] {
        while (written < Size && rig.peer.socket()->bytesToWrite() < 64 * 1024) {
            rig.peer.socket()->write(QByteArray(64 * 1024, 'r'));
            written += 64 * 1024;
        }
    };
    RecordingSink sink;
    sink.keepsBody = false;
    rig.peer.onBytes = [&] {
        rig.peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(Size) + "\r\n\r\n");
        QObject::connect(rig.peer.socket(), &QTcpSocket::bytesWritten, rig.peer.socket(), fill);
        fill();
    };
    const auto call = rig.lane->start(get(), sink);
    sink.onChunkDo = [&] { call->pause(); };
    QVERIFY(QTest::qWaitFor([&] { return sink.bodySize > 0; }));
    QTest::qWait(200);
    const qint64 stalledAt = written;
    QTest::qWait(50);
    QCOMPARE(written, stalledAt);
    QVERIFY(written < Size);
    QVERIFY(sink.bodySize <= H1Session::ReadBlock);
    sink.onChunkDo = {};
    call->resume();
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }, 20'000));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.bodySize, qsizetype(Size));
}

void TestH1Lane::aPausedReplyOutlivesItsConnection()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    constexpr int Size = 300'000; // more than is read ahead
    rig.peer.onBytes = [&] {
        rig.peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + QByteArray(Size, 'r'));
        rig.peer.close();
    };
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    call->pause();
    QVERIFY(QTest::qWaitFor([&] { return sink.order.contains('H'); }));
    QTest::qWait(50);
    QCOMPARE(sink.bodySize, 0);
    call->resume();
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.bodySize, qsizetype(Size));
}

void TestH1Lane::aBrokenReplyFails_data()
{
    // What counts as broken is the parser's affair and tested there; here, what becomes of the call.
    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<QByteArray>("order");
    QTest::addColumn<Errc>("code");
    const QByteArray chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    const auto row = [](const char *name, const QByteArray &reply, const QByteArray &order,
                        Errc code = Errc::UpstreamProtocol) {
        QTest::newRow(name) << reply << order << code;
    };
    row("closes without an answer", "", "LSF", Errc::UpstreamClosed);
    row("closes in the head", "HTTP/1.1 200", "LSF", Errc::UpstreamTruncated);
    row("closes after the head", Ok.chopped(5), "LSHF", Errc::UpstreamTruncated);
    row("closes in the body", Ok.chopped(2), "LSHDF", Errc::UpstreamTruncated);
    row("closes between chunks", chunked, "LSHDF", Errc::UpstreamTruncated);
    row("a bad chunk", chunked + "zz\r\n", "LSHDF");
    row("a status line that is none", "HTTP/1.1 OK\r\n\r\n", "LSF");
    row("not HTTP", "SSH-2.0-x\r\n", "LSF");
    row("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "LSF");
    row("a field with a bare LF", "HTTP/1.1 200 OK\r\nX-A: 1\nX-Injected: 1\r\nContent-Length: 0\r\n\r\n",
        "LSF");
    row("switching protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "LSF");
    row("endless fields", "HTTP/1.1 200 OK\r\n" + QByteArray("X-A: 1\r\n").repeated(20'000), "LSF");
    row("endless interim replies", QByteArray("HTTP/1.1 103 x\r\n\r\n").repeated(1000), "LSF");
}

void TestH1Lane::aBrokenReplyFails()
{
    QFETCH(QByteArray, reply);
    QFETCH(QByteArray, order);
    QFETCH(Errc, code);
    H1Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.onBytes = [&] {
        rig.peer.send(reply);
        rig.peer.close();
    };
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.order, order);
    QCOMPARE(sink.error.code, code);
    QCOMPARE(sink.processed, Processed::Maybe);
    QVERIFY(QByteArray::fromStdString(sink.error.detail).contains("127.0.0.1"));
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.closed; }));
    QCOMPARE(rig.peer.received.count("GET "), 1); // never sent twice
    QCOMPARE(rig.peer.connections, 1);
}

void TestH1Lane::bytesAfterAReplyReachNobody()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.answerEach(Ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.body, QByteArray("hello"));
    QCOMPARE(errorOf(*rig.died).code, Errc::None);

    // The same while the connection is idle.
    H1Rig idle;
    QVERIFY(idle.isReady);
    idle.peer.send(Ok);
    QVERIFY(QTest::qWaitFor([&] { return idle.died->count() == 1; }));
}

void TestH1Lane::aConnectionThatCloses_data()
{
    QTest::addColumn<QByteArray>("reply");
    QTest::newRow("said so") << QByteArray(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
    QTest::newRow("HTTP/1.0") << QByteArray("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    QTest::newRow("until the end") << QByteArray("HTTP/1.1 200 OK\r\n\r\nhello");
}

void TestH1Lane::aConnectionThatCloses()
{
    QFETCH(QByteArray, reply);
    H1Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.onBytes = [&] {
        rig.peer.send(reply);
        rig.peer.close();
    };
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.body, QByteArray("hello"));
    QCOMPARE(rig.lane->state(), LaneState::Dead);
}

void TestH1Lane::anIdleConnectionThatClosesIsNoError()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.answerEach(Ok);
    RecordingSink sink;
    const auto call = rig.lane->start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    rig.peer.close();
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1; }));
    QCOMPARE(errorOf(*rig.died).code, Errc::None);
    QCOMPARE(rig.lane->freeSlots(), 0);
}

QTEST_GUILESS_MAIN(TestH1Lane)
#include "tst_h1_lane.moc"
