// SPDX-License-Identifier: GPL-3.0-or-later
// The closed loop against servers that the test controls.
#include "load/run.h"
#include "scripted_server.h"
#include <QTest>

using namespace weir::load;

namespace {

constexpr Nanos Millisecond = 1'000'000;
constexpr char Request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

RequestResult runOne(const ClosedLoop &plan, const ScriptedServer &server, const Control &control = {})
{
    auto result = runClosedLoop(plan, {"a", "127.0.0.1", server.port(), Request}, control);
    if (!result)
        qFatal("%s", result.error().detail.c_str());
    return std::move(*result);
}

ClosedLoop plan(std::size_t concurrency)
{
    ClosedLoop plan;
    plan.concurrency = concurrency;
    plan.seconds = 0.5;
    plan.warmSeconds = 0.1;
    return plan;
}

} // namespace

class TestClosedLoop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheConcurrency();
    void countsOnlyItsSeconds();
    void opensAnewWhatThePeerCloses();
    void countsFailures();
    void failsWhatIsUnanswered();
    void endsEarlyWhenTheTargetDies();
    void asksADeadTargetOnlyNowAndThen();
    void stopsWhenAsked();
    void failsWhenNobodyListens();
};

void TestClosedLoop::keepsTheConcurrency()
{
    std::atomic<int> inWork = 0;
    std::atomic<int> most = 0;
    const ScriptedServer server([&](ScriptedServer::Session &session) {
        while (!session.read().empty()) {
            most = std::max<int>(most, ++inWork);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            --inWork;
            session.write(OkReply);
        }
    });
    const auto result = runOne(plan(8), server);
    QCOMPARE(most.load(), 8);
    QCOMPARE(result.failures.count, std::uint64_t(0));
    // Eight at a time, each of 10 ms: 800 a second, if the machine keeps up.
    QVERIFY2(result.perSecond() > 400 && result.perSecond() <= 808,
             qPrintable(QString::number(result.perSecond())));
    QVERIFY(*result.latency.percentile(0.5) >= 10 * Millisecond);
}

void TestClosedLoop::countsOnlyItsSeconds()
{
    std::atomic<std::uint64_t> served = 0;
    const ScriptedServer server([&](ScriptedServer::Session &session) {
        for (; !session.read().empty(); ++served)
            session.write(OkReply);
    });
    ClosedLoop warm = plan(2);
    warm.warmSeconds = 0.5;
    warm.intervalSeconds = 0.25;
    const auto result = runOne(warm, server);
    QVERIFY(result.ended > 0);
    QCOMPARE(result.latency.count(), result.ended);
    QVERIFY(result.ended < served); // the warm-up is none of it
    QVERIFY(result.answered > result.ended && result.answered <= served);
    QVERIFY(std::abs(result.seconds - 0.5) < 0.01);
    std::uint64_t inIntervals = 0;
    for (const Interval &interval : result.intervals)
        inIntervals += interval.ended;
    QCOMPARE(inIntervals, result.ended);
    QCOMPARE(result.intervals.size(), std::size_t(2));
    QVERIFY(result.cost.cpuSeconds > 0 && result.cost.share() <= 1.05);
}

void TestClosedLoop::opensAnewWhatThePeerCloses()
{
    const ScriptedServer server([&](ScriptedServer::Session &session) {
        session.read();
        session.write(OkReply);
        session.read();
        session.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    });
    const auto result = runOne(plan(2), server);
    QCOMPARE(result.failures.count, std::uint64_t(0));
    QVERIFY(result.ended > 100);
    QVERIFY(std::uint64_t(server.accepted()) >= result.ended / 2);
}

void TestClosedLoop::countsFailures()
{
    std::atomic<int> requests = 0;
    const ScriptedServer server([&](ScriptedServer::Session &session) {
        while (!session.read().empty()) {
            if (++requests % 10 == 0)
                session.write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
            else
                session.write(OkReply);
        }
    });
    const auto result = runOne(plan(2), server);
    QVERIFY(result.ended > 100);
    QCOMPARE(result.failures.kinds.at("status 503"), result.failures.count);
    QVERIFY(result.failures.count >= result.ended / 10);
}

void TestClosedLoop::failsWhatIsUnanswered()
{
    std::atomic<int> connections = 0;
    const ScriptedServer server([&](ScriptedServer::Session &session) {
        const bool isMute = ++connections == 3; // the first one only tried whether somebody listens
        while (!session.read().empty()) {
            if (!isMute)
                session.write(OkReply);
        }
    });
    ClosedLoop impatient = plan(3);
    impatient.graceSeconds = 0.1;
    const auto result = runOne(impatient, server);
    QCOMPARE(result.failures.count, std::uint64_t(1));
    QCOMPARE(result.failures.kinds.at("unanswered"), std::uint64_t(1));
}

void TestClosedLoop::endsEarlyWhenTheTargetDies()
{
    ScriptedServer server(answering(OkReply));
    ClosedLoop longer = plan(4);
    longer.seconds = 10;
    longer.patience.seconds = 0.3;
    const Nanos begin = monotonicNow();
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        server.die();
    });
    const auto result = runOne(longer, server);
    killer.join();
    QVERIFY(monotonicNow() - begin < 3000 * Millisecond);
    QVERIFY2(result.broken.starts_with("connection refused, "), result.broken.c_str());
    QVERIFY(result.seconds < 2); // so that a rate is not thinned by time in which nothing ran
}

void TestClosedLoop::asksADeadTargetOnlyNowAndThen()
{
    const ScriptedServer server([](ScriptedServer::Session &session) { session.read(); });
    ClosedLoop stubborn = plan(1);
    stubborn.patience.seconds = 60;
    const auto result = runOne(stubborn, server);
    QVERIFY(result.failures.count >= 10);
    QVERIFY(result.failures.count <= 61); // every 10 ms at the most
    QCOMPARE(result.failures.kinds.at("closed unanswered"), result.failures.count);
}

void TestClosedLoop::stopsWhenAsked()
{
    const ScriptedServer server(answering(OkReply));
    ClosedLoop longer = plan(2);
    longer.seconds = 10;
    int polls = 0;
    Control control;
    control.shouldStop = [&] { return ++polls == 5; };
    const auto result = runOne(longer, server, control);
    QVERIFY(result.stopped);
    QVERIFY(result.ended > 0);
    QCOMPARE(result.failures.count, std::uint64_t(0));
    QVERIFY(result.seconds < 1);
}

void TestClosedLoop::failsWhenNobodyListens()
{
    ScriptedServer server(answering(OkReply));
    server.die();
    QVERIFY(!runClosedLoop(plan(1), {"a", "127.0.0.1", server.port(), Request}, {}));
}

QTEST_APPLESS_MAIN(TestClosedLoop)
#include "tst_closed_loop.moc"
