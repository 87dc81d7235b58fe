// SPDX-License-Identifier: GPL-3.0-or-later
// Requests through the whole pipeline onto lanes that do what the test says.
#include "unit/pipeline/exchange_fixture.h"
#include <QSignalSpy>

using namespace weir;
using namespace weir::pipeline;
using test::Client;
using Fixture = test::ExchangeFixture;
using base::Errc;
using upstream::Priority;

namespace {

/// A client's side that takes its time.
class SlowClient final : public server::Reply
{
public:
    explicit SlowClient(test::ManualClock &clock) : m_clock(clock) {}
    void sendHead(http::ResponseHead) override { m_clock.advance(std::chrono::microseconds(5)); }
    void sendChunk(QByteArray) override { m_clock.advance(std::chrono::microseconds(60)); }
    void end() override { m_clock.advance(std::chrono::microseconds(3)); }
    void cut() override {}
    void continueBody() override {}
    void pauseBody() override {}
    void resumeBody() override {}
    bool isFull() const override { return false; }

private:
    test::ManualClock &m_clock;
};

} // namespace

class TestExchange : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void streamsABodyOfUnknownSize();
    void ranksRequests_data();
    void ranksRequests();
    void countsAFailedConnectionAsFailed();
    void recordsPoolAndRetries();
    void ownTimeEndsAtTheFirstToken();
    void ownPagesLeaveNoRecord();
    void aStreamThatIsStoppedEndsInAnEvent();
    void cutEndsWhatIsInWork();
};

void TestExchange::streamsABodyOfUnknownSize()
{
    Fixture f;
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", std::nullopt);
    QVERIFY(intake);
    intake->body("more than ");
    f.lanes[0].connectNow();
    f.settle();
    QVERIFY(f.call().request.hasBody && !f.call().request.bodySize);
    intake->body("limits.body_hold");
    QCOMPARE(f.call().body, QByteArray("more than limits.body_hold"));
    QVERIFY(!f.call().bodyEnded);
    intake->bodyEnd();
    QVERIFY(f.call().bodyEnded);
    f.answer();
    QVERIFY(client.ended);
    QCOMPARE(client.body, QByteArray("{}"));
}

void TestExchange::ranksRequests_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("asked");
    QTest::addColumn<bool>("background");
    QTest::newRow("messages") << QByteArray("/v1/messages") << QByteArray() << false;
    QTest::newRow("token count") << QByteArray("/v1/messages/count_tokens") << QByteArray() << true;
    QTest::newRow("embeddings") << QByteArray("/v1/embeddings") << QByteArray() << true;
    QTest::newRow("anything else") << QByteArray("/v1/files") << QByteArray() << false;
    QTest::newRow("asked for") << QByteArray("/v1/messages") << QByteArray("background") << true;
    QTest::newRow("asked against") << QByteArray("/v1/embeddings") << QByteArray("Interactive") << false;
}

void TestExchange::ranksRequests()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, asked);
    QFETCH(bool, background);
    Fixture f;
    Client client;
    server::Intake *intake = f.begin(client, path.toStdString(), 2, asked.toStdString());
    QVERIFY(intake);
    f.lanes[0].connectNow();
    f.settle();
    QVERIFY(f.call().request.priority == (background ? Priority::Background : Priority::Interactive));
    QVERIFY(!f.call().request.headers.contains("x-weir-priority"));
    intake->abandon({Errc::ClientGone, {}});
}

void TestExchange::countsAFailedConnectionAsFailed()
{
    Fixture f;
    Client client;
    QVERIFY(f.begin(client, "/v1/messages", 2));
    f.lanes[0].die({Errc::UpstreamRefused, "https://api.example:443"});
    QCOMPARE(client.head.status, 502);
    QVERIFY(client.body.contains("refused the connection: https://api.example:443"));
    const metrics::RecordBatch batch = f.recorder.takeBatch();
    QCOMPARE(batch.size(), std::size_t(1));
    QCOMPARE(batch.front().outcome, metrics::Outcome::Failed);
    QVERIFY(!batch.front().gotLane);
}

void TestExchange::recordsPoolAndRetries()
{
    Fixture f;
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 2);
    intake->body("{}");
    intake->bodyEnd();
    f.lanes[0].connectNow();
    f.settle();
    f.lanes[0].die({Errc::UpstreamClosed, {}}, upstream::Processed::No);
    f.settle();
    f.lanes[0].connectNow();
    f.settle();
    QCOMPARE(f.call().body, QByteArray("{}"));
    f.answer();
    QVERIFY(client.ended && client.head.status == 200);
    const metrics::RecordBatch batch = f.recorder.takeBatch();
    QCOMPARE(batch.size(), std::size_t(1));
    QCOMPARE(batch.front().retries, 1);
    QCOMPARE(batch.front().pool, 0);
    QVERIFY(batch.front().gotLane);
    QCOMPARE(batch.front().outcome, metrics::Outcome::Completed);
}

void TestExchange::ownTimeEndsAtTheFirstToken()
{
    pipeline::Options options = test::oneProvider();
    options.detailedTimeline = true;
    Fixture f(options);
    SlowClient client(f.clock);
    http::RequestHead head;
    head.method = "POST";
    head.target = "/v1/messages";
    head.headers.add("Host", "127.0.0.1:8484");
    head.headers.add("x-api-key", "k");
    head.headers.add("Content-Type", "application/json");
    head.contentLength = 2;
    server::Intake *intake = f.pipeline.begin(std::move(head), {f.clock.now(), f.clock.now(), 8484}, client);
    QVERIFY(intake);
    intake->body("{}");
    intake->bodyEnd();
    f.connect();
    http::ResponseHead reply{200, {}, {}};
    reply.headers.add("Content-Type", "text/event-stream");
    f.call().sink.onHead(std::move(reply), "h2");
    const auto event = [&](const QByteArray &type, const QByteArray &rest) {
        f.call().sink.onChunk("event: " + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n");
    };
    event("message_start", R"(,"message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}})");
    event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})");
    for (int token = 0; token < 50; ++token)
        event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"a "})");
    event("content_block_stop", R"(,"index":0)");
    event("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":50})");
    event("message_stop", "");
    f.call().end();
    const metrics::RecordBatch records = f.recorder.takeBatch();
    QCOMPARE(records.size(), std::size_t(1));
    QVERIFY(records.front().outcome == metrics::Outcome::Completed);
    // The head, the piece with the first content, the end; not 55 pieces of 60 µs.
    QCOMPARE(base::toMicros(records.front().own), std::int64_t(5 + 60 + 3));
    if (!records.front().timeline.isDetailed())
        QSKIP("built without profiling");
    QCOMPARE(records.front().pieceCount, std::uint64_t(55));
    QVERIFY(std::abs(base::toMicros(*records.front().pieceMedian) - 60) <= 4);
}

void TestExchange::ownPagesLeaveNoRecord()
{
    Fixture f;
    Client client;
    QVERIFY(!f.begin(client, "/health", 0)); // POST: refused, and still a page of Weir's own
    QCOMPARE(client.head.status, 405);
    Client lost;
    QVERIFY(!f.begin(lost, "/nowhere", 0)); // what nobody serves is somebody's mistake, and told
    const metrics::Snapshot snapshot = f.recorder.tick();
    QCOMPARE(snapshot.ownPages, std::uint64_t(1));
    QCOMPARE(snapshot.requests, std::uint64_t(1));
    QCOMPARE(snapshot.active, 0);
    QCOMPARE(f.recorder.takeBatch().size(), std::size_t(1));
}

void TestExchange::aStreamThatIsStoppedEndsInAnEvent()
{
    Fixture f;
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 100);
    f.connect();
    http::ResponseHead head;
    head.headers.add("Content-Type", "text/event-stream");
    f.call().sink.onHead(std::move(head), "h2");
    f.call().sink.onChunk("event: ping\n"); // not whole
    intake->bodyFailed({Errc::RequestTimeout, "timeouts.body_idle_ms"});
    QVERIFY(client.wasCut && !client.ended);
    QVERIFY2(client.body.startsWith("event: ping\n\n\nevent: error\ndata: {"), client.body.constData());
    QVERIFY(client.body.contains("timeouts.body_idle_ms"));
    QVERIFY(client.body.endsWith("}\n\n"));
    QVERIFY(f.lanes[0].calls.empty());
    const metrics::RecordBatch batch = f.recorder.takeBatch();
    QCOMPARE(batch.size(), std::size_t(1));
    QCOMPARE(batch.front().outcome, metrics::Outcome::Truncated);
    QCOMPARE(batch.front().error, Errc::RequestTimeout);
}

void TestExchange::cutEndsWhatIsInWork()
{
    Fixture f;
    Client begun;
    Client whole; // of which a part has come, but no stream
    Client uploading;
    Client connecting;
    const QSignalSpy idle(&f.pipeline, &Pipeline::idle);
    QVERIFY(f.begin(begun, "/v1/messages", 2) && f.begin(whole, "/v1/messages", 2));
    f.connect();
    QCOMPARE(f.lanes[0].calls.size(), std::size_t(2));
    http::ResponseHead stream;
    stream.headers.add("Content-Type", "text/event-stream");
    f.lanes[0].calls[0]->sink.onHead(std::move(stream), "h2");
    f.lanes[0].calls[1]->sink.onHead({200, {}, 5}, "h2");
    f.lanes[0].calls[1]->sink.onChunk("1234");
    QVERIFY(f.begin(uploading, "/v1/messages", 100));
    QVERIFY(f.begin(connecting, "/v1/chat/completions", 2));

    f.pipeline.drain();
    QCOMPARE(f.pipeline.activeCount(), 4);
    f.pipeline.cut();
    QCOMPARE(f.pipeline.activeCount(), 0);
    QCOMPARE(idle.count(), 1);
    QVERIFY(begun.wasCut && begun.body.contains("shutting down"));
    QVERIFY(whole.wasCut);
    QCOMPARE(whole.body, QByteArray("1234"));
    for (const Client *client : {&uploading, &connecting}) {
        QVERIFY(client->ended);
        QCOMPARE(client->head.status, 503);
        QVERIFY(client->body.contains("shutting down"));
    }
    f.pipeline.cut(); // nothing is left
    QCOMPARE(idle.count(), 1);
}

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
