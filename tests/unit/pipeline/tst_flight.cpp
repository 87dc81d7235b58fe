// SPDX-License-Identifier: GPL-3.0-or-later
// A flight over a lane that does what the test says.
#include "pipeline/flight.h"
#include "support/manual_clock.h"
#include <QTest>

using namespace weir;
using namespace weir::pipeline;
using base::Errc;

namespace {

class IdleCall final : public upstream::Call
{
public:
    explicit IdleCall(bool &cancelled) : m_cancelled(cancelled) {}
    void sendBody(QByteArray) override {}
    void endBody() override {}
    bool isBodyFull() const override { return false; }
    void pause() override {}
    void resume() override {}
    void cancel() override { m_cancelled = true; }

private:
    bool &m_cancelled;
};

class ScriptedLane final : public upstream::Lane
{
public:
    std::unique_ptr<upstream::Call> start(const upstream::CallRequest &, upstream::CallSink &theirs) override
    {
        sink = &theirs;
        sink->onLane(true);
        return std::make_unique<IdleCall>(cancelled);
    }
    int inFlight() const override { return 0; }
    int freeSlots() const override { return 1; }
    bool needsBodySize() const override { return false; }
    void open() override {}
    upstream::LaneState state() const override { return upstream::LaneState::Ready; }
    void retire() override {}
    void checkHealth() override {}
    upstream::LaneFigures figures() const override
    {
        upstream::LaneFigures figures;
        figures.protocol = "fake";
        figures.connections = 1;
        return figures;
    }

    upstream::CallSink *sink = nullptr;
    bool cancelled = false;
};

/// Remembers what the client would have got.
class Recorder final : public Rider
{
public:
    profiling::Timeline &timeline() override { return stamps; }
    void onBodyWanted() override {}
    void onReplyHead(http::ResponseHead) override { ++heads; }
    void onReplyChunk(QByteArray bytes) override { body += bytes; }
    void onReplyEnd() override { ++ends; }
    void onReplyFailed(base::Error failure) override
    {
        ++failures;
        error = failure.code;
    }

    profiling::Timeline stamps;
    QByteArray body;
    int heads = 0;
    int ends = 0;
    int failures = 0;
    Errc error = Errc::None;
};

} // namespace

class TestFlight : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void judgesReplies_data();
    void judgesReplies();
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
    const test::ManualClock clock;
    ScriptedLane *lane = nullptr;
    upstream::Pool pool(
        "sim", {true, "api.example", 443, {}}, {},
        [&lane](const upstream::Origin &) {
            auto made = std::make_unique<ScriptedLane>();
            lane = made.get();
            return made;
        },
        clock);
    Recorder rider;
    Flight flight(rider, llm::Api::Messages, clock);
    QVERIFY(flight.launch(pool, {method.toStdString(), "/", {}}));
    http::ResponseHead head;
    head.status = status;
    head.headers.add("Content-Type", type.toStdString());
    if (length >= 0)
        head.contentLength = length;
    lane->sink->onHead(head, "h2");
    for (const QByteArray &chunk : chunks) {
        if (!lane->cancelled)
            lane->sink->onChunk(chunk);
    }
    if (!lane->cancelled)
        lane->sink->onEnd();
    QCOMPARE(int(rider.error), error);
    QCOMPARE(rider.failures, error ? 1 : 0);
    QCOMPARE(rider.ends, error ? 0 : 1);
    QCOMPARE(rider.heads, rider.error == Errc::UpstreamRedirect ? 0 : 1);
    QCOMPARE(rider.body, passed);
}

QTEST_GUILESS_MAIN(TestFlight)
#include "tst_flight.moc"
