// SPDX-License-Identifier: GPL-3.0-or-later
// Bodies larger than limits.body_hold where a rule wants to read them, and what all bodies together may take.
#include "unit/pipeline/exchange_fixture.h"
#include "upstream/pooled_call.h"
#include <memory>
#include <vector>

using namespace weir;
using test::Client;
using test::ExchangeFixture;

namespace {

constexpr qsizetype Hold = 1000;
const QByteArray Padding = "\"x\":\"" + QByteArray(2 * Hold, 'x') + "\"";

pipeline::Options withoutReroutes()
{
    pipeline::Options options = test::withRules();
    options.models.aliases.pop_back();
    return options;
}

} // namespace

class TestStepsStreaming : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void editsWhatPasses_data();
    void editsWhatPasses();
    void sendsOnBeforeTheBodyIsWhole();
    void addsTheDefaultModel();
    void reroutesByTheFirstModel();
    void refusesAReroutePastTheHold();
    void refusesWhereALaneNeedsTheSize_data();
    void refusesWhereALaneNeedsTheSize();
    void endsWhatIsNoJson_data();
    void endsWhatIsNoJson();
    void cutsWhereTheReplyHasBegun();
    void refusesBeyondTheBudget();
    void giveUpAnotherTryBeforeARequest();
    void countsWhatWaitsForALane();
};

void TestStepsStreaming::editsWhatPasses_data()
{
    QTest::addColumn<bool>("chunked");
    QTest::addColumn<qsizetype>("pieceSize");
    for (const bool chunked : {false, true}) {
        for (const int pieceSize : {1, 100, 100'000})
            QTest::addRow("%s, pieces of %d", chunked ? "chunked" : "of known length", pieceSize)
                << chunked << qsizetype(pieceSize);
    }
}

void TestStepsStreaming::editsWhatPasses()
{
    QFETCH(bool, chunked);
    QFETCH(qsizetype, pieceSize);
    const QByteArray body = R"({"model":"fast",)" + Padding + R"(,"model" : "claude-3" })";
    ExchangeFixture f(withoutReroutes());
    Client client;
    server::Intake *intake =
        f.begin(client, "/v1/messages", chunked ? std::nullopt : std::optional<std::int64_t>(body.size()));
    QVERIFY(intake);
    for (qsizetype at = 0; at < body.size(); at += pieceSize)
        intake->body(body.mid(at, pieceSize));
    intake->bodyEnd();
    f.settle();
    f.connect();
    QCOMPARE(f.call().body, R"({"model":"glm-4.6",)" + Padding + R"(,"model" : "glm-4.5" })");
    QVERIFY(f.call().request.hasBody && !f.call().request.bodySize); // nobody knew
    QVERIFY(f.call().bodyEnded);
    f.answer();
    const metrics::RequestRecord record = f.recorder.takeBatch().front();
    QCOMPARE(record.modelRequested, std::string("claude-3"));
    QCOMPARE(record.modelSent, std::string("glm-4.5"));
    QCOMPARE(record.requestBytes, std::int64_t(body.size()));
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
}

void TestStepsStreaming::sendsOnBeforeTheBodyIsWhole()
{
    ExchangeFixture f(withoutReroutes());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 5000);
    f.settle();
    f.connect();
    intake->body(R"({"a":1,"model":"fa)");
    QCOMPARE(f.call().body, QByteArray(R"({"a":1,"model":)"));
    intake->body(R"(st","b":)");
    QCOMPARE(f.call().body, QByteArray(R"({"a":1,"model":"glm-4.6","b":)"));
    intake->abandon({base::Errc::ClientGone, {}});
    QVERIFY(f.lanes[0].calls.empty());
}

void TestStepsStreaming::addsTheDefaultModel()
{
    pipeline::Options options = withoutReroutes();
    options.models.defaultModel = "d";
    ExchangeFixture f(options);
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", std::nullopt);
    intake->body("{" + Padding + "}");
    intake->bodyEnd();
    f.settle();
    f.connect();
    QCOMPARE(f.call().body, "{" + Padding + R"(,"model":"d"})");
    f.answer();
    QCOMPARE(f.recorder.takeBatch().front().modelSent, std::string("d"));
}

void TestStepsStreaming::reroutesByTheFirstModel()
{
    ExchangeFixture f(test::withRules());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 5000);
    intake->body(R"({"a":1,)");
    QCOMPARE(f.lanes.count, 0); // whom to ask is not known yet
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(7));
    intake->body(R"("model":"far",)");
    QCOMPARE(f.pools.pools().front()->originText(), std::string("https://other.example:443"));
    f.settle();
    f.connect();
    QCOMPARE(f.call().body, QByteArray(R"({"a":1,"model":"near",)"));
    QCOMPARE(f.call().request.target, std::string("/api/v1/messages"));
    // One that leads back comes too late.
    intake->body(R"("model":"fast"})");
    QCOMPARE(client.head.status, 413);
    QVERIFY(f.lanes[0].calls.empty());
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
}

void TestStepsStreaming::refusesAReroutePastTheHold()
{
    ExchangeFixture f(test::withRules());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", std::nullopt);
    intake->body("{" + Padding + ",");
    QCOMPARE(f.pools.pools().front()->originText(), std::string("https://api.example:443"));
    intake->body(R"("model":"far"})");
    QCOMPARE(client.head.status, 413);
    QVERIFY2(client.body.contains("limits.body_hold") && client.body.contains("another provider"),
             client.body.constData());
}

void TestStepsStreaming::refusesWhereALaneNeedsTheSize_data()
{
    QTest::addColumn<bool>("chunked");
    QTest::newRow("of known length") << false;
    QTest::newRow("chunked") << true;
}

void TestStepsStreaming::refusesWhereALaneNeedsTheSize()
{
    QFETCH(bool, chunked);
    ExchangeFixture f(withoutReroutes(), true);
    Client client;
    server::Intake *intake =
        f.begin(client, "/v1/messages", chunked ? std::nullopt : std::optional<std::int64_t>(Hold + 1));
    QCOMPARE(intake == nullptr, !chunked); // refused before the body is asked for where that is possible
    if (intake)
        intake->body(QByteArray(Hold + 1, ' '));
    QCOMPARE(client.head.status, 413);
    QVERIFY(client.body.contains("limits.body_hold: 1000 bytes"));
    QCOMPARE(client.continues, chunked ? 1 : 0);
    QCOMPARE(f.lanes.count, 0);
}

void TestStepsStreaming::endsWhatIsNoJson_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("told");
    QTest::newRow("a fault") << "{" + Padding + ",}" << QByteArray("at byte 2008");
    QTest::newRow("cut short") << "{" + Padding << QByteArray("at byte 2007");
    QTest::newRow("too deep") << QByteArray(1025, '[') << QByteArray("at byte 1024");
}

void TestStepsStreaming::endsWhatIsNoJson()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, told);
    ExchangeFixture f(withoutReroutes());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", std::nullopt);
    intake->body(body.left(Hold + 1));
    f.settle();
    f.connect();
    QCOMPARE(f.lanes[0].calls.size(), std::size_t(1));
    intake->body(body.mid(Hold + 1));
    if (!client.ended)
        intake->bodyEnd();
    QCOMPARE(client.head.status, 400);
    QVERIFY2(client.body.contains(told), client.body.constData());
    QVERIFY(f.lanes[0].calls.empty()); // what must not arrive was cut
}

void TestStepsStreaming::cutsWhereTheReplyHasBegun()
{
    ExchangeFixture f(withoutReroutes());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 5000);
    f.settle();
    f.connect();
    intake->body("{");
    f.call().sink.onHead({200, {}, 2}, "h2");
    intake->body("]");
    QVERIFY(client.wasCut && !client.ended);
    QVERIFY(f.lanes[0].calls.empty());
    QCOMPARE(f.recorder.takeBatch().front().outcome, metrics::Outcome::Truncated);
}

void TestStepsStreaming::refusesBeyondTheBudget()
{
    constexpr int Room = 32;
    const QByteArray body = R"({"model":"fast","x":")" + QByteArray(Hold - 23, 'x') + "\"}";
    QCOMPARE(body.size(), Hold);
    pipeline::Options options = withoutReroutes();
    options.memoryBudget = Room * Hold;
    ExchangeFixture f(options);
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<server::Intake *> intakes;
    for (int count = 0; count < 2 * Room; ++count) {
        clients.push_back(std::make_unique<Client>());
        intakes.push_back(f.begin(*clients.back(), "/v1/messages", body.size()));
        QVERIFY(intakes.back());
        QCOMPARE(clients.back()->continues, 1);
    }
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(0)); // what is announced costs nothing
    for (int count = 0; count < Room; ++count)
        intakes[std::size_t(count)]->body(body);
    QCOMPARE(f.pipeline.budget().used(), f.pipeline.budget().limit());
    for (int count = Room; count < 2 * Room; ++count) {
        const Client &refused = *clients[std::size_t(count)];
        QVERIFY(!refused.ended);
        intakes[std::size_t(count)]->body(body.left(1));
        QVERIFY(refused.ended && refused.head.headers.contains("retry-after"));
        QCOMPARE(refused.head.status, 503);
        QVERIFY2(refused.body.contains("limits.memory_budget") && refused.body.contains("32000 bytes"),
                 refused.body.constData());
    }
    for (int count = 0; count < Room; ++count) { // those that are in lose nothing
        QVERIFY(!clients[std::size_t(count)]->ended);
        intakes[std::size_t(count)]->bodyEnd();
    }
    // They wait for a lane, and are still held.
    QCOMPARE(f.pipeline.budget().used(), f.pipeline.budget().limit());
    for (int answered = 0; answered < Room;) {
        f.settle();
        f.connect();
        QVERIFY(!f.lanes[0].calls.empty());
        while (!f.lanes[0].calls.empty()) {
            QCOMPARE(f.call().body.size(), body.size() + 3);
            f.answer();
            ++answered;
        }
    }
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
    Client later;
    server::Intake *intake = f.begin(later, "/v1/messages", body.size());
    QVERIFY(intake);
    intake->abandon({base::Errc::ClientGone, {}});
}

void TestStepsStreaming::giveUpAnotherTryBeforeARequest()
{
    pipeline::Options options = test::oneProvider();
    options.memoryBudget = 2 * upstream::BodyHighWatermark;
    ExchangeFixture f(options);
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 3 * upstream::BodyHighWatermark);
    f.settle();
    f.connect();
    for (int piece = 0; piece < 3; ++piece)
        intake->body(QByteArray(upstream::BodyHighWatermark, ' '));
    // What would be kept for another try is more than there is room for: it is not kept, the request goes on.
    QVERIFY(!client.ended);
    QCOMPARE(f.call().body.size(), 3 * upstream::BodyHighWatermark);
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(upstream::BodyHighWatermark));
    intake->bodyEnd();
    f.call().sink.onSent();
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
    f.answer();
    QCOMPARE(client.head.status, 200);
}

void TestStepsStreaming::countsWhatWaitsForALane()
{
    pipeline::Options options = test::oneProvider();
    options.memoryBudget = 1000;
    ExchangeFixture f(options);
    Client first;
    Client second;
    server::Intake *one = f.begin(first, "/v1/messages", 600);
    server::Intake *two = f.begin(second, "/v1/messages", 600);
    one->body(QByteArray(600, ' '));
    one->bodyEnd();
    two->body(QByteArray(600, ' '));
    QCOMPARE(second.head.status, 503);
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(600));
    f.settle();
    f.connect();
    QCOMPARE(f.lanes[0].calls.size(), std::size_t(1));
    f.call().sink.onSent();
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(600)); // kept for another try
    f.answer();
    QVERIFY(first.ended);
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
}

QTEST_GUILESS_MAIN(TestStepsStreaming)
#include "tst_steps_streaming.moc"
