// SPDX-License-Identifier: GPL-3.0-or-later
// Requests through the whole pipeline onto lanes that do what the test says.
#include "pipeline/pipeline.h"
#include "support/fake_lanes.h"
#include "support/manual_clock.h"
#include <QTest>

using namespace weir;
using namespace weir::pipeline;
using base::Errc;
using upstream::Priority;

namespace {

/// What the client gets.
class Client final : public server::Reply
{
public:
    void sendHead(http::ResponseHead sent) override { head = std::move(sent); }
    void sendChunk(QByteArray bytes) override { body += bytes; }
    void end() override { ended = true; }
    void cut() override { wasCut = true; }
    void continueBody() override {}
    void pauseBody() override { paused = true; }
    void resumeBody() override { paused = false; }
    bool isFull() const override { return false; }

    http::ResponseHead head;
    QByteArray body;
    bool ended = false;
    bool wasCut = false;
    bool paused = false;
};

Options options()
{
    RoutedProvider routed;
    routed.provider.name = "sim";
    routed.provider.openAiBase = llm::BaseUrl{true, "api.example", 443, "/v1"};
    routed.provider.anthropicBase = llm::BaseUrl{true, "api.example", 443, ""};
    Options options;
    options.routes = {{routed}, "sim", "sim"};
    options.bodyHold = 10;
    return options;
}

upstream::PoolOptions oneLane()
{
    upstream::PoolOptions options;
    options.lanesMin = options.lanesMax = 1;
    return options;
}

struct Fixture
{
    ~Fixture() { settle(); }
    static void settle()
    {
        for (int turn = 0; turn < 4; ++turn)
            QCoreApplication::processEvents();
    }
    server::Intake *begin(Client &client, const std::string &path, std::optional<std::int64_t> size,
                          const std::string &priority = {})
    {
        http::RequestHead head;
        head.method = "POST";
        head.target = path;
        head.headers.add("Host", "127.0.0.1:8484");
        head.headers.add("x-api-key", "k");
        head.headers.add("Content-Type", "application/json");
        if (!priority.empty())
            head.headers.add("X-Weir-Priority", priority);
        head.contentLength = size;
        head.chunked = !size;
        return pipeline.begin(std::move(head), {clock.now(), clock.now(), 8484}, client);
    }
    test::FakeCall &call() { return *lanes[0].calls.back(); }
    void answer()
    {
        call().sink.onHead({200, {}, 2}, "h2");
        call().sink.onChunk("{}");
        call().end();
        settle();
    }

    test::FakeLanes lanes;
    test::ManualClock clock;
    upstream::PoolManager pools{
        oneLane(), [this](const std::string &, const upstream::Origin &) { return lanes.kind(10); }, clock};
    metrics::Recorder recorder{clock};
    Pipeline pipeline{options(), pools, recorder, clock};
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

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
