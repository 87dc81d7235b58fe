// SPDX-License-Identifier: GPL-3.0-or-later
// What both protocols of a direct lane share: how much a turn does, and what becomes of what it has read.
#include "h1_rig.h"
#include "h2_rig.h"
#include "upstream/direct_call.h"
#include "upstream/h2_session.h"
#include "upstream/session.h"

#include <array>
#include <map>
#include <QSocketNotifier>
#include <sys/socket.h>
#include <unistd.h>

using namespace weir;
using base::Errc;
using test::First;
using test::FramePeer;
using test::get;
using test::H1Rig;
using test::H2Rig;
using test::RecordingSink;
using upstream::Call;
using upstream::DirectCall;
using upstream::H2Session;
using upstream::Processed;
using upstream::Session;
using upstream::TurnBudget;

namespace {

/// A lane and its peer, in one protocol or the other. The peer sends what it is told to after the request.
struct Rig
{
    explicit Rig(bool http2)
    {
        if (http2)
            h2 = std::make_unique<H2Rig>();
        else
            h1 = std::make_unique<H1Rig>();
    }

    bool isReady() const { return h2 ? h2->isReady : h1->isReady; }
    upstream::Lane &lane() { return h2 ? *h2->lane : *h1->lane; }
    QSignalSpy &died() { return h2 ? *h2->died : *h1->died; }
    void send(const QByteArray &bytes) { h2 ? h2->peer.sendRaw(bytes) : h1->peer.send(bytes); }
    void close() { h2 ? h2->peer.socket()->disconnectFromHost() : h1->peer.close(); }
    void answer(const std::function<void()> &how)
    {
        if (h2)
            h2->peer.onRequest = [how](int) { how(); };
        else
            h1->peer.onBytes = [this, how] {
                if (h1->peer.received.endsWith("\r\n\r\n"))
                    how();
            };
    }

    QByteArray head() const
    {
        return h2 ? FramePeer::frame(FramePeer::Headers, FramePeer::EndHeaders, First,
                                     FramePeer::block({{":status", "200"}}))
                  : QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    }
    QByteArray piece(const QByteArray &bytes) const
    {
        return h2 ? FramePeer::frame(FramePeer::Data, 0, First, bytes)
                  : QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n";
    }
    QByteArray last() const
    {
        return h2 ? FramePeer::frame(FramePeer::Data, FramePeer::EndStream, First, {}) : "0\r\n\r\n";
    }

    std::unique_ptr<H1Rig> h1;
    std::unique_ptr<H2Rig> h2;
};

/// A socket that always has something to read, and counts how often it is served.
class Bystander
{
public:
    Bystander()
    {
        std::array<int, 2> ends{-1, -1};
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0 && ::write(ends[1], "x", 1) == 1)
            m_notifier = std::make_unique<QSocketNotifier>(ends[0], QSocketNotifier::Read);
        QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(),
                         [this] { ++m_served; });
        m_ends = ends;
    }
    ~Bystander()
    {
        m_notifier.reset();
        for (const int end : m_ends)
            ::close(end);
    }
    Bystander(const Bystander &) = delete;
    Bystander &operator=(const Bystander &) = delete;

    /// What happens at once, from its view: `amount` more of it.
    void note(qint64 amount) { m_amounts[m_served] += amount; }
    qint64 mostAtOnce() const
    {
        qint64 most = 0;
        for (const auto &[served, amount] : m_amounts)
            most = std::max(most, amount);
        return most;
    }

private:
    std::array<int, 2> m_ends{};
    std::unique_ptr<QSocketNotifier> m_notifier;
    int m_served = 0;
    std::map<int, qint64> m_amounts;
};

/// Different bytes, so that one lost or doubled shows.
QByteArray text(int size)
{
    QByteArray made;
    for (int at = 0; at < size; ++at)
        made += char('a' + at % 23);
    return made;
}

QByteArray inPieces(const Rig &rig, const QByteArray &bytes)
{
    QByteArray made;
    for (const char byte : bytes)
        made += rig.piece(QByteArray(1, byte));
    return made;
}

void bothProtocols()
{
    QTest::addColumn<bool>("http2");
    QTest::newRow("HTTP/2") << true;
    QTest::newRow("HTTP/1.1") << false;
}

} // namespace

class TestSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void piecesOfOneReadBecomeOneChunk_data() { bothProtocols(); }
    void piecesOfOneReadBecomeOneChunk();
    void aTurnReadsABoundedNumberOfPieces_data() { bothProtocols(); }
    void aTurnReadsABoundedNumberOfPieces();
    void aTurnHandsOnABoundedNumberOfBytes();
    void aFloodDoesNotHoldUpAnotherLane_data() { bothProtocols(); }
    void aFloodDoesNotHoldUpAnotherLane();
    void aCallMayPauseInTheMiddle_data() { bothProtocols(); }
    void aCallMayPauseInTheMiddle();
    void whatCameBeforeTheEndIsRead_data() { bothProtocols(); }
    void whatCameBeforeTheEndIsRead();
    void callsOfOneReadDoNotMix();
    void aSinkMayCancelAnotherCallOfTheRead();
    void nothingIsAskedWhereSomethingUnaskedHasCome();
};

void TestSession::piecesOfOneReadBecomeOneChunk()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    QVERIFY(rig.isReady());
    const QByteArray body = text(300);
    rig.answer([&] { rig.send(rig.head() + inPieces(rig, body) + rig.last()); });
    RecordingSink sink;
    int chunks = 0;
    sink.onChunkDo = [&] { ++chunks; };
    const auto call = rig.lane().start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.body, body);
    QCOMPARE(chunks, 1);
}

void TestSession::aTurnReadsABoundedNumberOfPieces()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    QVERIFY(rig.isReady());
    const QByteArray body = text(20'000);
    const qsizetype pieceSize = rig.piece("x").size();
    rig.answer([&] { rig.send(rig.head() + inPieces(rig, body) + rig.last()); });
    Bystander other;
    RecordingSink sink;
    qsizetype before = 0;
    sink.onChunkDo = [&] { other.note(sink.bodySize - std::exchange(before, sink.bodySize)); };
    const auto call = rig.lane().start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }, 20'000));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.body, body);
    QVERIFY(other.mostAtOnce() <= TurnBudget::PiecesMax + Session::ReadStep / pieceSize + 1);
}

/// Paused calls hold what they were sent, and one client after the other may be ready for it at once.
void TestSession::aTurnHandsOnABoundedNumberOfBytes()
{
    constexpr int CallCount = 4;
    constexpr int FrameSize = 16'384;
    constexpr int FrameCount = H2Session::StreamWindow / FrameSize;
    H2Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.onRequest = [&](int id) {
        rig.peer.sendHead(id);
        for (int count = 0; count < FrameCount; ++count)
            rig.peer.sendData(id, QByteArray(FrameSize, 'x'));
    };
    Bystander other;
    std::array<RecordingSink, CallCount> sinks;
    std::vector<std::unique_ptr<Call>> calls;
    qsizetype before = 0;
    const auto sum = [&] {
        qsizetype all = 0;
        for (const RecordingSink &sink : sinks)
            all += sink.bodySize;
        return all;
    };
    for (RecordingSink &sink : sinks) {
        sink.onChunkDo = [&] { other.note(sum() - std::exchange(before, sum())); };
        calls.push_back(rig.lane->start(get(), sink));
        calls.back()->pause();
    }
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, 2 * CallCount - 1) == 1; }));
    rig.lane->checkHealth(); // answered after all that was sent before it
    QVERIFY(QTest::qWaitFor([&] { return rig.lane->figures().roundTrip.has_value(); }));
    for (const auto &call : calls)
        call->resume();
    QVERIFY(QTest::qWaitFor([&] { return sum() == qsizetype(CallCount) * H2Session::StreamWindow; }));
    QVERIFY(other.mostAtOnce() > DirectCall::ChunkMax);
    QVERIFY(other.mostAtOnce() <= TurnBudget::BytesMax + DirectCall::ChunkMax);
}

void TestSession::aFloodDoesNotHoldUpAnotherLane()
{
    QFETCH(bool, http2);
    Rig flood(http2);
    Rig honest(http2);
    QVERIFY(flood.isReady() && honest.isReady());
    constexpr int Size = 20'000;
    flood.answer([&] { flood.send(flood.head() + inPieces(flood, text(Size)) + flood.last()); });
    honest.answer([&] { honest.send(honest.head() + honest.piece("hello") + honest.last()); });
    RecordingSink flooded;
    RecordingSink served;
    std::unique_ptr<Call> other;
    qsizetype floodedMeanwhile = 0;
    flooded.onChunkDo = [&] {
        if (!other)
            other = honest.lane().start(get(), served);
    };
    served.onOverDo = [&] { floodedMeanwhile = flooded.bodySize; };
    const auto call = flood.lane().start(get(), flooded);
    QVERIFY(QTest::qWaitFor([&] { return flooded.isOver() && served.isOver(); }, 20'000));
    QCOMPARE(served.order, QByteArray("LSHDE"));
    QCOMPARE(flooded.bodySize, Size);
    QVERIFY2(floodedMeanwhile < Size / 2, qPrintable(QString::number(floodedMeanwhile)));
}

void TestSession::aCallMayPauseInTheMiddle()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    QVERIFY(rig.isReady());
    const QByteArray body = text(20'000);
    rig.answer([&] { rig.send(rig.head() + inPieces(rig, body) + rig.last()); });
    RecordingSink sink;
    std::unique_ptr<Call> call;
    int chunks = 0;
    sink.onChunkDo = [&] {
        if (++chunks == 2)
            call->pause();
    };
    call = rig.lane().start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return chunks == 2; }));
    QTest::qWait(50);
    QCOMPARE(chunks, 2);
    QVERIFY(sink.bodySize < body.size());
    call->resume();
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.body, body);
}

void TestSession::whatCameBeforeTheEndIsRead()
{
    QFETCH(bool, http2);
    Rig rig(http2);
    QVERIFY(rig.isReady());
    const QByteArray body = text(20'000); // many turns long, so the end is known before they are over
    rig.answer([&] {
        rig.send(rig.head() + inPieces(rig, body) + rig.last());
        rig.close();
    });
    RecordingSink sink;
    const auto call = rig.lane().start(get(), sink);
    QVERIFY(QTest::qWaitFor([&] { return rig.died().count() == 1; }));
    QCOMPARE(sink.order, QByteArray("LSHDE"));
    QCOMPARE(sink.body, body);
}

void TestSession::callsOfOneReadDoNotMix()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    const QByteArray bodies[] = {text(200), text(200).toUpper()};
    rig.peer.onRequest = [&](int id) {
        if (id != 3)
            return;
        QByteArray all;
        for (const int head : {1, 3})
            all += FramePeer::frame(FramePeer::Headers, FramePeer::EndHeaders, head,
                                    FramePeer::block({{":status", "200"}}));
        for (int at = 0; at < 200; ++at) {
            all += FramePeer::frame(FramePeer::Data, 0, 1, bodies[0].mid(at, 1));
            all += FramePeer::frame(FramePeer::Data, at == 199 ? FramePeer::EndStream : 0, 3,
                                    bodies[1].mid(at, 1));
        }
        rig.peer.sendRaw(all + FramePeer::frame(FramePeer::RstStream, 0, 1, FramePeer::number(8, 4)));
    };
    std::array<RecordingSink, 2> sinks;
    std::array<int, 2> chunks{};
    std::vector<std::unique_ptr<Call>> calls;
    for (std::size_t which : {0U, 1U}) {
        sinks[which].onChunkDo = [&chunks, which] { ++chunks[which]; };
        calls.push_back(rig.lane->start(get(), sinks[which]));
    }
    QVERIFY(QTest::qWaitFor([&] { return sinks[0].isOver() && sinks[1].isOver(); }));
    QCOMPARE(sinks[0].order, QByteArray("LSHDF")); // what came before the reset is handed on before it
    QCOMPARE(sinks[1].order, QByteArray("LSHDE"));
    QCOMPARE(sinks[0].body, bodies[0]);
    QCOMPARE(sinks[1].body, bodies[1]);
    QCOMPARE(chunks, (std::array<int, 2>{1, 1}));
}

void TestSession::aSinkMayCancelAnotherCallOfTheRead()
{
    H2Rig rig;
    QVERIFY(rig.isReady);
    rig.peer.onRequest = [&](int id) {
        if (id != 3)
            return;
        QByteArray all;
        for (const int each : {1, 3})
            all += FramePeer::frame(FramePeer::Headers, FramePeer::EndHeaders, each,
                                    FramePeer::block({{":status", "200"}})) +
                   FramePeer::frame(FramePeer::Data, FramePeer::EndStream, each, "x");
        rig.peer.sendRaw(all);
    };
    RecordingSink first;
    RecordingSink second;
    RecordingSink third;
    std::unique_ptr<Call> one;
    std::unique_ptr<Call> two;
    std::unique_ptr<Call> three;
    first.onChunkDo = [&] {
        two.reset();
        one.reset(); // itself, too
        three = rig.lane->start(get(), third);
    };
    one = rig.lane->start(get(), first);
    two = rig.lane->start(get(), second);
    QVERIFY(QTest::qWaitFor([&] { return rig.peer.count(FramePeer::Headers, 5) == 1; }));
    QCOMPARE(first.order, QByteArray("LSHD"));
    QCOMPARE(second.order, QByteArray("LS"));
    QCOMPARE(third.order, QByteArray("LS"));
    QCOMPARE(rig.lane->inFlight(), 1);
}

/// What an idle connection brings must not be taken for the reply to what is asked next.
void TestSession::nothingIsAskedWhereSomethingUnaskedHasCome()
{
    H1Rig rig;
    QVERIFY(rig.isReady);
    RecordingSink sink;
    std::unique_ptr<Call> call;
    auto *socket = rig.lane->findChild<QTcpSocket *>();
    QVERIFY(socket);
    QObject::connect(socket, &QTcpSocket::readyRead, socket,
                     [&] { call = rig.lane->start(get(), sink); }); // before the lane has its turn
    rig.peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    QVERIFY(QTest::qWaitFor([&] { return sink.isOver(); }));
    QCOMPARE(sink.order, QByteArray("LF"));
    QCOMPARE(sink.error.code, Errc::UpstreamClosed);
    QCOMPARE(sink.processed, Processed::No);
    QVERIFY(QTest::qWaitFor([&] { return rig.died->count() == 1 && rig.peer.closed; }));
    QVERIFY(rig.peer.received.isEmpty());
}

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
