// SPDX-License-Identifier: GPL-3.0-or-later
// The open loop against servers that the test controls.
#include "load/run.h"
#include "scripted_server.h"
#include <QTest>

using namespace weir::load;

namespace {

constexpr Nanos Millisecond = 1'000'000;
constexpr char Request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

Target target(const ScriptedServer &server, std::string request = Request)
{
    return {"a", "127.0.0.1", server.port(), std::move(request)};
}

/// 200 a second for `seconds`, in one slice.
OpenLoop plan(double seconds = 1)
{
    OpenLoop plan;
    plan.seconds = seconds;
    plan.sliceSeconds = seconds;
    plan.graceSeconds = 2;
    return plan;
}

RequestResult runOne(const OpenLoop &plan, const Target &target, const Control &control = {})
{
    auto results = runOpenLoop(plan, std::span(&target, 1), control);
    if (!results)
        qFatal("%s", results.error().detail.c_str());
    return std::move(results->front());
}

/// Stands still for `stallMs` at the request of this number, whichever connection it comes on; so does
/// whatever else comes meanwhile.
ScriptedServer::Script stalling(int stallAt, int stallMs)
{
    struct Shared
    {
        std::mutex mutex;
        int requests = 0;
    };
    return [stallAt, stallMs, shared = std::make_shared<Shared>()](ScriptedServer::Session &session) {
        while (!session.read().empty()) {
            {
                const std::lock_guard lock(shared->mutex);
                if (++shared->requests == stallAt)
                    std::this_thread::sleep_for(std::chrono::milliseconds(stallMs));
            }
            if (!session.write(OkReply))
                return;
        }
    };
}

} // namespace

class TestOpenLoop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sendsAsManyAsPlanned();
    void takesTurns();
    void followsACourse();
    void showsAStallInEveryRequestItDelayed();
    void sendsInTimeThoughNobodyAccepts();
    void opensNoMoreConnectionsThanAllowed();
    void failsWhatWaitsBeyondItsBound();
    void sendsRequestsLargerThanTheSocketTakes();
    void timesOut();
    void failsWhatIsUnanswered();
    void countsFailuresByKind_data();
    void countsFailuresByKind();
    void endsEarlyWhenTheTargetDies();
    void goesOnWithTheOtherTarget();
    void survivesClosedIdleConnections();
    void failsWhenNobodyListens();
    void refusesAHostThatIsNoAddress();
    void stopsWhenAsked();
    void tellsItsProgressAndCost();
};

void TestOpenLoop::sendsAsManyAsPlanned()
{
    const ScriptedServer server(answering(OkReply));
    const auto result = runOne(plan(), target(server));
    QCOMPARE(result.latency.count(), std::uint64_t(200));
    QCOMPARE(result.failures.count, std::uint64_t(0));
    QVERIFY(result.ended >= 195 && result.ended <= 200); // the last ones may end after the second
    QVERIFY(std::abs(result.seconds - 1) < 0.01);
    QVERIFY(!result.stopped && result.broken.empty());
}

void TestOpenLoop::takesTurns()
{
    const ScriptedServer first(answering(OkReply));
    const ScriptedServer second(answering(OkReply));
    OpenLoop slices = plan();
    slices.sliceSeconds = 0.25;
    const std::array targets{target(first), target(second)};
    const Nanos begin = monotonicNow();
    const auto results = runOpenLoop(slices, targets, {});
    QVERIFY(results);
    QVERIFY(monotonicNow() - begin >= 1990 * Millisecond);
    for (const RequestResult &result : *results) {
        QCOMPARE(result.latency.count(), std::uint64_t(200));
        QVERIFY(std::abs(result.seconds - 1) < 0.01);
    }
}

void TestOpenLoop::followsACourse()
{
    const ScriptedServer server(answering(OkReply));
    OpenLoop spike = plan();
    spike.rate = {{0, 100}, {0.5, 100}, {0.5, 1000}, {0.75, 1000}, {0.75, 100}};
    spike.sliceSeconds = 0.1; // does not cut a course
    spike.intervalSeconds = 0.25;
    const auto result = runOne(spike, target(server));
    QCOMPARE(result.latency.count(), std::uint64_t(325));
    QCOMPARE(result.intervals.size(), std::size_t(4));
    QVERIFY(result.intervals[2].ended > 5 * result.intervals[1].ended);
    QVERIFY(result.intervals[2].ended > 5 * result.intervals[3].ended);
}

void TestOpenLoop::showsAStallInEveryRequestItDelayed()
{
    // 200 a second, and a stall of 400 ms: about 80 requests were meant to be sent during it. A generator
    // that waits for the answer before it sends the next would see one slow request, and a p95 as if nothing
    // had happened.
    const ScriptedServer server(stalling(50, 400));
    const auto result = runOne(plan(), target(server));
    QCOMPARE(result.latency.count(), std::uint64_t(200));
    std::size_t slow = 0;
    for (const Nanos nanos : result.latency.sorted())
        slow += nanos > 20 * Millisecond;
    QVERIFY2(slow >= 60, qPrintable(QString::number(slow)));
    QVERIFY(*result.latency.percentile(0.95) > 200 * Millisecond);
    QVERIFY(*result.latency.percentile(1) >= 399 * Millisecond);
}

void TestOpenLoop::sendsInTimeThoughNobodyAccepts()
{
    // The kernel completes a few connections by itself; behind them connecting takes for ever.
    const ScriptedServer server({}, 2, false);
    OpenLoop stalled = plan(0.5);
    stalled.graceSeconds = 0.1;
    stalled.connections = 1;
    const Nanos begin = monotonicNow();
    const auto result = runOne(stalled, target(server));
    QVERIFY(monotonicNow() - begin < 1500 * Millisecond);
    QCOMPARE(result.latency.count(), std::uint64_t(0));
    QCOMPARE(result.failures.count, std::uint64_t(100));
    QCOMPARE(result.failures.kinds.at("unanswered"), std::uint64_t(100));
}

void TestOpenLoop::opensNoMoreConnectionsThanAllowed()
{
    const ScriptedServer server(stalling(1, 300));
    OpenLoop narrow = plan(0.5);
    narrow.connectionsMax = 3;
    narrow.connections = 1;
    const auto result = runOne(narrow, target(server));
    QCOMPARE(result.latency.count(), std::uint64_t(100));
    QVERIFY(*result.latency.percentile(1) >= 299 * Millisecond);
    QCOMPARE(server.accepted(), 4); // and the one that tried whether somebody listens
}

void TestOpenLoop::failsWhatWaitsBeyondItsBound()
{
    const ScriptedServer server(stalling(1, 600));
    OpenLoop narrow = plan(0.5);
    narrow.connectionsMax = 1;
    narrow.connections = 1;
    narrow.waitingMax = 10;
    const auto result = runOne(narrow, target(server));
    QCOMPARE(result.latency.count(), std::uint64_t(11));
    QCOMPARE(result.failures.kinds.at("too many waiting"), std::uint64_t(89));
}

void TestOpenLoop::sendsRequestsLargerThanTheSocketTakes()
{
    // Whether the server got all of it is what it answers by.
    const std::string body(8 * 1024 * 1024, 'b');
    const std::string request =
        "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    const ScriptedServer server([&](ScriptedServer::Session &session) {
        for (std::string got = session.read(); !got.empty(); got = session.read())
            session.write(got == request ? OkReply : "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
    });
    OpenLoop few = plan(0.5);
    few.rate = {{0, 10}};
    few.graceSeconds = 10;
    const auto result = runOne(few, target(server, request));
    QCOMPARE(result.failures.count, std::uint64_t(0));
    QCOMPARE(result.latency.count(), std::uint64_t(5));
}

void TestOpenLoop::timesOut()
{
    const ScriptedServer server([](ScriptedServer::Session &session) {
        while (!session.read().empty()) {
        }
    });
    OpenLoop impatient = plan(0.5);
    impatient.timeoutSeconds = 0.2;
    const Nanos begin = monotonicNow();
    const auto result = runOne(impatient, target(server));
    QCOMPARE(result.failures.count, std::uint64_t(100));
    QCOMPARE(result.failures.kinds.at("timeout"), std::uint64_t(100));
    QVERIFY(monotonicNow() - begin < 1200 * Millisecond); // 500 + 200, not the whole grace
}

void TestOpenLoop::failsWhatIsUnanswered()
{
    const ScriptedServer server(stalling(91, 3000));
    OpenLoop short_ = plan(0.5);
    short_.graceSeconds = 0.1;
    const auto result = runOne(short_, target(server));
    QCOMPARE(result.latency.count(), std::uint64_t(90));
    QCOMPARE(result.failures.kinds.at("unanswered"), std::uint64_t(10));
}

void TestOpenLoop::countsFailuresByKind_data()
{
    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<QString>("kind");
    QTest::newRow("an error status")
        << QByteArray("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
        << QStringLiteral("status 502");
    QTest::newRow("a reply that breaks off")
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok") << QStringLiteral("cut");
    QTest::newRow("a connection that ends unanswered") << QByteArray() << QStringLiteral("closed unanswered");
    QTest::newRow("what is no HTTP") << QByteArray("hello\r\n\r\n") << QStringLiteral("malformed reply");
    QTest::newRow("more than one reply") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!")
                                         << QStringLiteral("bytes after the reply");
}

void TestOpenLoop::countsFailuresByKind()
{
    QFETCH(const QByteArray, reply);
    QFETCH(const QString, kind);
    // Each connection carries one request, every other request fails.
    std::atomic<int> requests = 0;
    const ScriptedServer server([&](ScriptedServer::Session &session) {
        if (session.read().empty())
            return;
        const bool isGood = requests++ % 2 == 0;
        session.write(isGood ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
                             : std::string_view(reply.data(), std::size_t(reply.size())));
    });
    OpenLoop single = plan(0.5);
    single.connections = 1;
    const auto result = runOne(single, target(server));
    QCOMPARE(result.latency.count(), std::uint64_t(50));
    QCOMPARE(result.failures.count, std::uint64_t(50));
    QCOMPARE(result.failures.kinds.at(kind.toStdString()), std::uint64_t(50));
    QVERIFY(result.broken.empty());
}

void TestOpenLoop::endsEarlyWhenTheTargetDies()
{
    ScriptedServer server(answering(OkReply));
    OpenLoop longer = plan(10);
    longer.patience.seconds = 0.3;
    const Nanos begin = monotonicNow();
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        server.die();
    });
    const auto result = runOne(longer, target(server));
    killer.join();
    QVERIFY(monotonicNow() - begin < 2000 * Millisecond);
    QVERIFY2(result.broken.starts_with("connection refused, "), result.broken.c_str());
    QVERIFY(result.failures.count >= 20);
    QVERIFY(result.failures.kinds.contains("connection refused"));
    QVERIFY(result.latency.count() > 50 && result.latency.count() < 150);
}

void TestOpenLoop::goesOnWithTheOtherTarget()
{
    ScriptedServer dying(answering(OkReply));
    const ScriptedServer server(answering(OkReply));
    OpenLoop slices = plan(2);
    slices.sliceSeconds = 0.25;
    slices.patience.seconds = 0.1;
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        dying.die();
    });
    const std::array targets{target(dying), target(server)};
    const auto results = runOpenLoop(slices, targets, {});
    killer.join();
    QVERIFY(results);
    QVERIFY(!results->front().broken.empty());
    QVERIFY(results->back().broken.empty());
    QCOMPARE(results->back().latency.count(), std::uint64_t(400));
    QCOMPARE(results->back().failures.count, std::uint64_t(0));
}

void TestOpenLoop::survivesClosedIdleConnections()
{
    // A server that ends idle connections soon, as some do.
    const ScriptedServer server([](ScriptedServer::Session &session) {
        session.read();
        session.write(OkReply);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
    OpenLoop slow = plan(1);
    slow.rate = {{0, 10}};
    const auto result = runOne(slow, target(server));
    QCOMPARE(result.latency.count(), std::uint64_t(10));
    QCOMPARE(result.failures.count, std::uint64_t(0));
}

void TestOpenLoop::failsWhenNobodyListens()
{
    ScriptedServer server(answering(OkReply));
    server.die();
    const Target nobody = target(server);
    const auto results = runOpenLoop(plan(), std::span(&nobody, 1), {});
    QVERIFY(!results);
    QCOMPARE(results.error().detail,
             "a, 127.0.0.1:" + std::to_string(server.port()) + ": connection refused");
}

void TestOpenLoop::refusesAHostThatIsNoAddress()
{
    const Target named{"a", "localhost", 1, Request};
    const auto results = runOpenLoop(plan(), std::span(&named, 1), {});
    QVERIFY(!results);
    QCOMPARE(results.error().detail, std::string("localhost:1 is no numeric address"));
}

void TestOpenLoop::stopsWhenAsked()
{
    const ScriptedServer server(answering(OkReply));
    int polls = 0;
    Control control;
    control.shouldStop = [&] { return ++polls == 5; };
    const Nanos begin = monotonicNow();
    const auto result = runOne(plan(10), target(server), control);
    const Nanos took = monotonicNow() - begin;
    QVERIFY(took < 1000 * Millisecond); // five polls in half a second at the most
    QVERIFY(result.stopped);
    QVERIFY(result.latency.count() > 10);
    QCOMPARE(result.failures.count, std::uint64_t(0));
    QVERIFY(result.seconds < 1);
}

void TestOpenLoop::tellsItsProgressAndCost()
{
    const ScriptedServer server(answering(OkReply));
    std::vector<double> shares;
    Control control;
    control.progress = [&](double share) { shares.push_back(share); };
    const auto result = runOne(plan(0.5), target(server), control);
    QVERIFY(shares.size() >= 4);
    QVERIFY(std::is_sorted(shares.begin(), shares.end()));
    QCOMPARE(shares.back(), 1.0);
    QVERIFY(result.cost.cpuSeconds > 0);
    QVERIFY(result.cost.share() < 0.9); // it waits most of the time
    QVERIFY(result.lateness.count() > 50);
}

QTEST_APPLESS_MAIN(TestOpenLoop)
#include "tst_open_loop.moc"
