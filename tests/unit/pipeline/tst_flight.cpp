// SPDX-License-Identifier: GPL-3.0-or-later
// A flight over a lane that does what the test says.
#include "pipeline/flight.h"
#include "support/fake_lanes.h"
#include "support/manual_clock.h"
#include <QTest>

using namespace weir;
using namespace weir::pipeline;
using base::Errc;

namespace {

/// Remembers what the client would have got.
class Recorder final : public Rider
{
public:
    profiling::Timeline &timeline() override { return stamps; }
    void onBodyWanted() override { ++wishes; }
    void onReplyHead(http::ResponseHead, base::Instant) override { ++heads; }
    void onReplyChunk(QByteArray bytes, base::Instant) override { body += bytes; }
    void onReplyEnd(base::Instant) override { ++ends; }
    void onReplyFailed(base::Error failure) override
    {
        ++failures;
        error = failure.code;
    }

    profiling::Timeline stamps{true};
    QByteArray body;
    int wishes = 0;
    int heads = 0;
    int ends = 0;
    int failures = 0;
    Errc error = Errc::None;
};

/// A flight whose lane is up to the test.
struct Fixture
{
    Fixture() : pool("sim", {true, "api.example", 443, {}}, lanes.kind(10), oneAtLeast(), clock) {}
    ~Fixture() { settle(); }
    static upstream::PoolOptions oneAtLeast()
    {
        upstream::PoolOptions options;
        options.lanesMin = 1;
        return options;
    }
    /// Sends a request off and brings it onto a lane that stands.
    bool launch(const std::string &method)
    {
        const bool launched = bool(flight.launch(pool, {method, "/", {}, method == "POST", 10}, clock.now()));
        if (launched)
            connectNow();
        return launched;
    }
    void connectNow()
    {
        for (test::FakeLane *lane : lanes.alive) {
            if (lane->now == upstream::LaneState::Connecting)
                lane->connectNow();
        }
        settle();
    }
    static void settle()
    {
        for (int turn = 0; turn < 4; ++turn)
            QCoreApplication::processEvents();
    }
    /// The call on the newest lane.
    test::FakeCall &call() { return *lanes.alive.back()->calls.back(); }

    test::FakeLanes lanes;
    test::ManualClock clock;
    upstream::Pool pool;
    Recorder rider;
    Flight flight{rider, llm::Api::Messages, clock};
};

const base::Error GoneAway{Errc::UpstreamClosed, "https://api.example:443"};

} // namespace

class TestFlight : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void judgesReplies_data();
    void judgesReplies();
    void triesAgainWhatWasNotProcessed();
    void triesAgain_data();
    void triesAgain();
    void triesTwiceAtMost();
    void doesNotKeepALargeBody();
    void doesNotTryAgainAfterTheHead();
    void letsTheClientGoOnAfterALostLane();
    void stampsTheConnectionItWaitedFor();
};

void TestFlight::judgesReplies_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<int>("length"); // -1 = not announced
    QTest::addColumn<QByteArrayList>("chunks");
    QTest::addColumn<int>("error");
    QTest::addColumn<QByteArray>("passed");
    const auto row = [](const char *name, const char *method, int status, const char *type, int length,
                        const QByteArrayList &chunks, Errc error, const QByteArray &passed) {
        QTest::newRow(name) << QByteArray(method) << status << QByteArray(type) << length << chunks
                            << int(error) << passed;
    };
    const char *json = "application/json";
    const char *stream = "text/event-stream";
    const QByteArray end = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    row("as long as announced", "POST", 200, json, 4, {"{}", "  "}, Errc::None, "{}  ");
    row("shorter than announced", "POST", 200, json, 5, {"{}"}, Errc::UpstreamTruncated, "{}");
    row("longer than announced", "POST", 200, json, 2, {"{}", "HTTP/1.1 200"}, Errc::UpstreamProtocol, "{}");
    row("longer at once", "POST", 200, json, 2, {"{}x"}, Errc::UpstreamProtocol, "");
    row("whole JSON", "POST", 200, json, -1, {"{\"a\":", "1}"}, Errc::None, "{\"a\":1}");
    row("cut JSON", "POST", 200, json, -1, {"{\"a\":"}, Errc::UpstreamTruncated, "{\"a\":");
    row("whole stream", "POST", 200, stream, -1, {end}, Errc::None, end);
    row("cut stream", "POST", 200, stream, -1, {": ping\n\n"}, Errc::UpstreamTruncated, ": ping\n\n");
    row("an error page is passed on", "POST", 500, "text/html", -1, {"<html>"}, Errc::None, "<html>");
    row("nothing after HEAD", "HEAD", 200, json, 500, {}, Errc::None, "");
    row("nothing with 204", "DELETE", 204, json, -1, {}, Errc::None, "");
    row("a redirect", "POST", 307, json, 0, {}, Errc::UpstreamRedirect, "");
    row("not modified is no redirect", "GET", 304, json, -1, {}, Errc::None, "");
}

void TestFlight::judgesReplies()
{
    QFETCH(QByteArray, method);
    QFETCH(int, status);
    QFETCH(QByteArray, type);
    QFETCH(int, length);
    QFETCH(QByteArrayList, chunks);
    QFETCH(int, error);
    QFETCH(QByteArray, passed);
    Fixture f;
    QVERIFY(f.launch(method.toStdString()));
    http::ResponseHead head;
    head.status = status;
    head.headers.add("Content-Type", type.toStdString());
    if (length >= 0)
        head.contentLength = length;
    const auto isOpen = [&] { return !f.lanes[0].calls.empty(); };
    f.call().sink.onHead(head, "h2");
    for (const QByteArray &chunk : chunks) {
        if (isOpen())
            f.call().sink.onChunk(chunk);
    }
    if (isOpen())
        f.call().end();
    const Recorder &rider = f.rider;
    QCOMPARE(int(rider.error), error);
    QCOMPARE(rider.failures, error ? 1 : 0);
    QCOMPARE(rider.ends, error ? 0 : 1);
    QCOMPARE(rider.heads, rider.error == Errc::UpstreamRedirect ? 0 : 1);
    QCOMPARE(rider.body, passed);
}

void TestFlight::triesAgainWhatWasNotProcessed()
{
    Fixture f;
    QVERIFY(f.launch("POST"));
    f.flight.sendBody("hello ");
    f.flight.sendBody("world");
    QCOMPARE(f.call().body, QByteArray("hello world"));
    f.lanes[0].die(GoneAway, upstream::Processed::No);
    QCOMPARE(f.rider.failures, 0);
    f.flight.sendBody("!"); // while there is no lane
    f.settle();
    f.connectNow();
    QCOMPARE(f.call().body, QByteArray("hello world!"));
    QVERIFY(!f.call().bodyEnded);
    f.flight.endBody(f.clock.now());
    QVERIFY(f.call().bodyEnded);
    f.call().sink.onHead({200, {}, 2}, "h2");
    f.call().sink.onChunk("{}");
    f.call().end();
    QCOMPARE(f.rider.ends, 1);
    QCOMPARE(f.rider.body, QByteArray("{}"));
    QCOMPARE(f.flight.retries(), 1);
    QCOMPARE(f.pool.figures().retries, std::uint64_t(1));
    QCOMPARE(f.lanes.count, 2);
}

void TestFlight::triesAgain_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("processed");
    QTest::addColumn<int>("retries");
    QTest::newRow("closed, nothing processed") << int(Errc::UpstreamClosed) << false << 1;
    QTest::newRow("refused stream") << int(Errc::UpstreamProtocol) << false << 1;
    QTest::newRow("asked for calm, nothing processed") << int(Errc::UpstreamCalm) << false << 1;
    QTest::newRow("closed, who knows") << int(Errc::UpstreamClosed) << true << 0;
    QTest::newRow("no connection: every address was tried") << int(Errc::UpstreamRefused) << false << 0;
    QTest::newRow("no TLS") << int(Errc::UpstreamTls) << false << 0;
    QTest::newRow("has waited long enough") << int(Errc::PoolQueueTimeout) << false << 0;
}

void TestFlight::triesAgain()
{
    QFETCH(int, code);
    QFETCH(bool, processed);
    QFETCH(int, retries);
    Fixture f;
    QVERIFY(f.launch("POST"));
    f.flight.endBody(f.clock.now());
    f.call().fail({Errc(code), {}}, processed ? upstream::Processed::Maybe : upstream::Processed::No);
    QCOMPARE(f.flight.retries(), retries);
    QCOMPARE(f.rider.failures, retries ? 0 : 1);
    f.settle();
    QCOMPARE(f.lanes[0].started, 1 + retries);
    f.flight.cancel();
}

void TestFlight::triesTwiceAtMost()
{
    static_assert(Flight::RetriesMax == 1);
    Fixture f;
    QVERIFY(f.launch("GET"));
    for (int failure = 0; failure < 1 + Flight::RetriesMax; ++failure) {
        QCOMPARE(f.rider.failures, 0);
        QCOMPARE(f.lanes[0].calls.size(), std::size_t(1));
        f.call().fail(GoneAway, upstream::Processed::No);
        f.settle();
    }
    QCOMPARE(f.rider.failures, 1);
    QCOMPARE(f.rider.error, Errc::UpstreamClosed);
    QCOMPARE(f.flight.retries(), Flight::RetriesMax);
    QCOMPARE(f.lanes[0].started, 1 + Flight::RetriesMax);
}

void TestFlight::doesNotKeepALargeBody()
{
    for (const qsizetype beyond : {0, 1}) {
        Fixture f;
        QVERIFY(f.launch("POST"));
        f.flight.sendBody(QByteArray(Flight::ReplayMax - 1, 'x'));
        f.flight.sendBody(QByteArray(1 + beyond, 'y'));
        f.call().fail(GoneAway, upstream::Processed::No);
        QCOMPARE(f.rider.failures, int(beyond));
        f.settle();
        QCOMPARE(f.lanes[0].started, beyond ? 1 : 2);
        if (!beyond)
            QCOMPARE(f.call().body.size(), Flight::ReplayMax);
        f.flight.cancel();
    }
}

void TestFlight::doesNotTryAgainAfterTheHead()
{
    Fixture f;
    QVERIFY(f.launch("POST"));
    f.flight.endBody(f.clock.now());
    f.call().sink.onHead({200, {}, 2}, "h2");
    f.call().fail(GoneAway, upstream::Processed::No); // whatever it says
    QCOMPARE(f.rider.failures, 1);
    QCOMPARE(f.flight.retries(), 0);
}

void TestFlight::letsTheClientGoOnAfterALostLane()
{
    Fixture f;
    QVERIFY(f.launch("POST"));
    f.flight.sendBody("a");
    f.call().full = true; // the client was paused
    f.call().fail(GoneAway, upstream::Processed::No);
    QCOMPARE(f.rider.wishes, 1);
    f.flight.cancel();
}

void TestFlight::stampsTheConnectionItWaitedFor()
{
    using profiling::Stage;
    using std::chrono::milliseconds;
    Fixture f;
    const base::Instant began = f.clock.now();
    const upstream::ConnectTimes times{began - milliseconds(5), began + milliseconds(20),
                                       began + milliseconds(50)};
    QVERIFY(f.flight.launch(f.pool, {"GET", "/", {}}, f.clock.now()));
    f.clock.advance(milliseconds(60));
    f.lanes[0].connectNow(times);
    f.settle();
    const profiling::Timeline &stamps = f.rider.stamps;
    QVERIFY(stamps.at(Stage::ConnectBegan) == began); // not before it was there
    QVERIFY(stamps.at(Stage::TcpConnected) == times.connected);
    QVERIFY(stamps.at(Stage::Connected) == times.ready);
    QVERIFY(stamps.at(Stage::LaneAcquired) == began + milliseconds(60));
    QVERIFY(f.flight.laneWait() == milliseconds(10));
    QVERIFY(!f.flight.laneReused());
    f.flight.cancel();
}

QTEST_GUILESS_MAIN(TestFlight)
#include "tst_flight.moc"
