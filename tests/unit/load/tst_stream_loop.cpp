// SPDX-License-Identifier: GPL-3.0-or-later
// Event streams of servers that the test controls.
#include "load/run.h"
#include "scripted_server.h"
#include <cstdio>
#include <QTest>

using namespace weir::load;

namespace {

using Session = ScriptedServer::Session;
constexpr Nanos Millisecond = 1'000'000;
constexpr char Request[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
constexpr char EndEvent[] = "data: [DONE]\n\n";

/// An event with content that says it was sent `ago` before now.
std::string stamped(Nanos ago = 0)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "data: {\"content\":\"@%020lld@\"}\n\n",
                  static_cast<long long>(monotonicNow() - ago));
    return text.data();
}

std::string chunk(const std::string &data)
{
    std::array<char, 16> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
    return size.data() + data + "\r\n";
}

/// Streams of `count` chunks, `gapMs` apart, over a chunked reply; `lag` is how long each was held back.
ScriptedServer::Script streaming(int count, int gapMs, Nanos lag = 0, std::string end = EndEvent)
{
    return [=](Session &session) {
        while (!session.read().empty()) {
            session.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int index = 0; index < count; ++index) {
                std::this_thread::sleep_for(std::chrono::milliseconds(gapMs));
                if (!session.write(chunk(stamped(lag))))
                    return;
            }
            session.write((end.empty() ? "" : chunk(end)) + "0\r\n\r\n");
        }
    };
}

StreamResult runOne(const StreamLoop &plan, const ScriptedServer &server, const Control &control = {})
{
    auto result = runStreams(plan, {"a", "127.0.0.1", server.port(), Request}, control);
    if (!result)
        qFatal("%s", result.error().detail.c_str());
    return std::move(*result);
}

StreamLoop plan(std::size_t streams)
{
    StreamLoop plan;
    plan.streams = streams;
    plan.seconds = 0.5;
    return plan;
}

} // namespace

class TestStreamLoop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsEveryChunk();
    void measuresTheLagOneWay();
    void measuresTheFirstChunkFromTheRequest();
    void countsForTheRateOnlyWhatCameInTime();
    void takesEveryFraming_data();
    void takesEveryFraming();
    void countsWhatDoesNotEndAsItShould_data();
    void countsWhatDoesNotEndAsItShould();
    void holdsAStreamToItsNumberOfChunks();
    void timesOutOnlyWhenNothingComes();
    void endsEarlyWhenTheTargetDies();
    void stopsWhenAsked();
};

void TestStreamLoop::countsEveryChunk()
{
    const ScriptedServer server(streaming(20, 5));
    const auto result = runOne(plan(4), server);
    QCOMPARE(result.failures.count, std::uint64_t(0));
    QVERIFY(result.completed >= 8);
    QCOMPARE(result.chunks, result.completed * 20);
    QCOMPARE(result.chunkLag.count(), result.chunks);
    QCOMPARE(result.firstChunk.count(), result.completed);
    QVERIFY(result.cost.cpuSeconds > 0);
}

void TestStreamLoop::measuresTheLagOneWay()
{
    const ScriptedServer prompt(streaming(50, 1));
    const ScriptedServer delayed(streaming(50, 1, 30 * Millisecond));
    // The stamps must not be older than the request, so the first chunk comes later than the lag.
    const ScriptedServer held([](Session &session) {
        while (!session.read().empty()) {
            session.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int index = 0; index < 10; ++index) {
                const std::string sent = stamped();
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                session.write(chunk(sent));
            }
            session.write(chunk(EndEvent) + "0\r\n\r\n");
        }
    });
    const auto without = runOne(plan(1), prompt);
    const auto with = runOne(plan(1), held);
    QCOMPARE(without.failures.count + with.failures.count, std::uint64_t(0));
    QVERIFY(*without.chunkLag.percentile(0.5) < 10 * Millisecond);
    QVERIFY(*with.chunkLag.percentile(0.5) >= 20 * Millisecond);
    QVERIFY(with.chunkLag.sorted().front() >= 20 * Millisecond);
    const auto impossible = runOne(plan(1), delayed);
    QVERIFY(impossible.failures.kinds.contains("wrong stamp"));
}

void TestStreamLoop::measuresTheFirstChunkFromTheRequest()
{
    const ScriptedServer server(streaming(1, 50));
    const auto result = runOne(plan(2), server);
    QVERIFY(result.completed > 5);
    QVERIFY(result.firstChunk.sorted().front() >= 50 * Millisecond);
    QVERIFY(result.chunkLag.sorted().front() < 50 * Millisecond);
}

void TestStreamLoop::countsForTheRateOnlyWhatCameInTime()
{
    // A stream of 800 ms, begun within the 500: it ends afterwards, and its rate is not thinned by that.
    const ScriptedServer server(streaming(40, 20));
    const auto result = runOne(plan(1), server);
    QCOMPARE(result.completed, std::uint64_t(1));
    QCOMPARE(result.chunks, std::uint64_t(40));
    QVERIFY(result.chunksInTime >= 15 && result.chunksInTime <= 25);
    QVERIFY(std::abs(result.seconds - 0.5) < 0.01);
    QVERIFY(result.chunksPerSecond() <= 50);
}

void TestStreamLoop::takesEveryFraming_data()
{
    QTest::addColumn<int>("framing");
    QTest::newRow("chunks that cut through events") << 0;
    QTest::newRow("until the connection ends") << 1;
    QTest::newRow("a content length") << 2;
}

void TestStreamLoop::takesEveryFraming()
{
    QFETCH(const int, framing);
    const ScriptedServer server([framing](Session &session) {
        while (!session.read().empty()) {
            const std::string body = stamped() + stamped() + stamped() + "event: message_stop\ndata: {}\n\n";
            switch (framing) {
            case 0:
                session.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (std::size_t at = 0; at < body.size(); at += 7)
                    session.write(chunk(body.substr(at, 7)));
                session.write("0\r\n\r\n");
                break;
            case 1:
                session.write("HTTP/1.1 200 OK\r\n\r\n");
                session.write(body);
                return;
            default:
                session.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                              "\r\n\r\n");
                session.write(body);
            }
        }
    });
    const auto result = runOne(plan(2), server);
    QCOMPARE(result.failures.count, std::uint64_t(0));
    QVERIFY(result.completed > 20);
    QCOMPARE(result.chunks, 3 * result.completed);
}

void TestStreamLoop::countsWhatDoesNotEndAsItShould_data()
{
    QTest::addColumn<QByteArray>("bytes"); // EVENT stands for a chunk with a stamp
    QTest::addColumn<QString>("kind");
    const QByteArray head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const QByteArray closing("HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    QTest::newRow("the end event is missing")
        << QByteArray(closing + "EVENT0\r\n\r\n") << QStringLiteral("cut");
    QTest::newRow("the last chunk is missing")
        << QByteArray(head + "EVENTe\r\ndata: [DONE]\n\n\r\n") << QStringLiteral("cut");
    QTest::newRow("the connection ends in between") << QByteArray(head + "EVENT") << QStringLiteral("cut");
    QTest::newRow("a reply until close that is cut")
        << QByteArray("HTTP/1.1 200 OK\r\n\r\ndata: x\n\n") << QStringLiteral("cut");
    QTest::newRow("nothing is stamped")
        << QByteArray("HTTP/1.1 200 OK\r\n\r\ndata: x\n\ndata: [DONE]\n\n") << QStringLiteral("no stamp");
    QTest::newRow("a stamp from the future")
        << QByteArray("HTTP/1.1 200 OK\r\n\r\ndata: @09000000000000000000@\n\ndata: [DONE]\n\n")
        << QStringLiteral("wrong stamp");
    QTest::newRow("a line without an end")
        << QByteArray("HTTP/1.1 200 OK\r\n\r\n" + QByteArray(1024 * 1024 + 1, 'a'))
        << QStringLiteral("malformed stream");
    QTest::newRow("an error") << QByteArray(
                                     "HTTP/1.1 529 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                              << QStringLiteral("status 529");
}

void TestStreamLoop::countsWhatDoesNotEndAsItShould()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const QString, kind);
    const ScriptedServer server([bytes](Session &session) {
        session.read();
        QByteArray told = bytes;
        session.write(told.replace("EVENT", QByteArray::fromStdString(chunk(stamped()))).toStdString());
    });
    const auto result = runOne(plan(1), server);
    QCOMPARE(result.completed, std::uint64_t(0));
    QVERIFY(result.failures.count > 5);
    QCOMPARE(result.failures.kinds.size(), std::size_t(1));
    QCOMPARE(result.failures.kinds.begin()->first, kind.toStdString());
}

void TestStreamLoop::holdsAStreamToItsNumberOfChunks()
{
    const ScriptedServer server(streaming(9, 1));
    StreamLoop counted = plan(1);
    counted.chunksPerStream = 9;
    QCOMPARE(runOne(counted, server).failures.count, std::uint64_t(0));
    counted.chunksPerStream = 10;
    const auto result = runOne(counted, server);
    QCOMPARE(result.completed, std::uint64_t(0));
    QCOMPARE(result.failures.kinds.at("wrong number of chunks"), result.failures.count);
}

void TestStreamLoop::timesOutOnlyWhenNothingComes()
{
    StreamLoop impatient = plan(1);
    impatient.timeoutSeconds = 0.2;
    const ScriptedServer slow(streaming(10, 50)); // longer than the timeout as a whole
    const auto slowResult = runOne(impatient, slow);
    QCOMPARE(slowResult.failures.count, std::uint64_t(0));
    QVERIFY(slowResult.completed > 0);
    const ScriptedServer mute([](Session &session) {
        session.read();
        session.write("HTTP/1.1 200 OK\r\n\r\n" + stamped());
        session.read();
    });
    const auto result = runOne(impatient, mute);
    QCOMPARE(result.completed, std::uint64_t(0));
    QVERIFY(result.failures.count >= 1);
    QCOMPARE(result.failures.kinds.at("timeout"), result.failures.count);
}

void TestStreamLoop::endsEarlyWhenTheTargetDies()
{
    ScriptedServer server(streaming(10, 5));
    StreamLoop longer = plan(4);
    longer.seconds = 10;
    longer.patience.seconds = 0.3;
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        server.die();
    });
    const auto result = runOne(longer, server);
    killer.join();
    QVERIFY2(result.broken.starts_with("connection refused, "), result.broken.c_str());
    QVERIFY(result.seconds < 3);
}

void TestStreamLoop::stopsWhenAsked()
{
    const ScriptedServer server(streaming(1000, 5));
    StreamLoop longer = plan(2);
    longer.seconds = 10;
    int polls = 0;
    Control control;
    control.shouldStop = [&] { return ++polls == 5; };
    const auto result = runOne(longer, server, control);
    QVERIFY(result.stopped);
    QVERIFY(result.chunks > 10); // of streams that were not over yet
    QCOMPARE(result.failures.count, std::uint64_t(0));
    QVERIFY(result.seconds < 1);
}

QTEST_APPLESS_MAIN(TestStreamLoop)
#include "tst_stream_loop.moc"
