// SPDX-License-Identifier: GPL-3.0-or-later
// What the steps on the body make of a request. What a large body gets: tst_steps_streaming.cpp.
#include "pipeline/step.h"

#include "unit/pipeline/exchange_fixture.h"
#include <type_traits>

using namespace weir;
using test::Client;
using test::ExchangeFixture;

namespace {

// An exchange whose step has waited on the body would be called by nobody: no step can say it.
template<typename Decision>
concept CanWait = requires
{
    Decision::Waits;
};
template<typename Decision>
using Hook = Decision (pipeline::Step::*)(pipeline::Exchange &);
static_assert(std::is_same_v<decltype(&pipeline::Step::onHead), Hook<pipeline::Verdict>>);
static_assert(std::is_same_v<decltype(&pipeline::Step::onBody), Hook<pipeline::BodyVerdict>>);
static_assert(std::is_same_v<decltype(&pipeline::Step::onLargeBody), Hook<pipeline::BodyVerdict>>);
static_assert(CanWait<pipeline::Verdict> && !CanWait<pipeline::BodyVerdict>);
static_assert(!std::is_convertible_v<pipeline::Verdict, pipeline::BodyVerdict>);

/// Sends a body in pieces and lets the lanes stand.
void send(ExchangeFixture &f, server::Intake &intake, const QByteArray &body, qsizetype pieceSize = 7)
{
    for (qsizetype at = 0; at < body.size(); at += pieceSize)
        intake.body(body.mid(at, pieceSize));
    intake.bodyEnd();
    f.settle();
    f.connect();
}

} // namespace

class TestSteps : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesTheModelOnly_data();
    void changesTheModelOnly();
    void keepsTheFraming();
    void tellsALaneTheSizeThatItNeeds();
    void leavesOtherEndpointsAlone();
    void streamsWhereThereAreNoRules();
    void refusesWhatItCannotRead_data();
    void refusesWhatItCannotRead();
    void reroutes();
    void refusesAProviderOfAnotherDialect();
    void asksForTheCredentialOfTheOtherProvider();
    void refusesBeforeTheBodyIsAskedFor();
    void recordsModelsAndEndReason();
};

void TestSteps::changesTheModelOnly_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("sent");
    QTest::addColumn<QByteArray>("defaultModel");
    const auto row = [](const char *name, const char *body, const char *sent, const char *byDefault = "") {
        QTest::newRow(name) << QByteArray(body) << QByteArray(sent) << QByteArray(byDefault);
    };
    row("an exact alias", R"({ "model" : "fast" , "x":1.50e3})", R"({ "model" : "glm-4.6" , "x":1.50e3})");
    row("a pattern", R"({"a":[],"model":"claude-opus-4"})", R"({"a":[],"model":"glm-4.5"})");
    row("a name in escapes", R"({"model":"f\u0061st"})", R"({"model":"glm-4.6"})");
    row("no alias for it", "{\"model\":\"gpt\",\t\"\\u00fc\":\"\\/\"} \n",
        "{\"model\":\"gpt\",\t\"\\u00fc\":\"\\/\"} \n");
    row("the last of two counts", R"({"model":"gpt","model":"fast"})",
        R"({"model":"gpt","model":"glm-4.6"})");
    row("the last of two has no alias", R"({"model":"fast","model":"gpt"})",
        R"({"model":"fast","model":"gpt"})");
    row("a model inside is none", R"({"a":{"model":"fast"}})", R"({"a":{"model":"fast"}})");
    row("a model that is no text", R"({"model":7})", R"({"model":7})", "d");
    row("no object", "[1]", "[1]", "d");
    row("no model, no default", R"({"x":1})", R"({"x":1})");
    row("the default model", R"({"x":1})", R"({"model":"d","x":1})", "d");
    row("the default model of an empty object", "{ }", R"({"model":"d" })", "d");
    row("the default model has an alias", R"({"x":1})", R"({"model":"glm-4.6","x":1})", "fast");
    row("the default model where there is one", R"({"model":"gpt"})", R"({"model":"gpt"})", "d");
}

void TestSteps::changesTheModelOnly()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, sent);
    QFETCH(QByteArray, defaultModel);
    for (const qsizetype pieceSize : {qsizetype(1), qsizetype(1000)}) {
        pipeline::Options options = test::withRules();
        options.models.defaultModel = defaultModel.toStdString();
        ExchangeFixture f(options);
        Client client;
        server::Intake *intake = f.begin(client, "/v1/messages", body.size());
        QVERIFY(intake);
        QCOMPARE(f.pipeline.budget().used(), std::int64_t(0)); // nothing has come
        send(f, *intake, body, pieceSize);
        QCOMPARE(f.call().body, sent);
        QCOMPARE(*f.call().request.bodySize, std::int64_t(sent.size()));
        QVERIFY(f.call().bodyEnded);
        f.answer();
        QVERIFY(client.ended);
        QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
    }
}

void TestSteps::keepsTheFraming()
{
    for (const char *model : {"fast", "gpt"}) {
        ExchangeFixture f(test::withRules());
        Client client;
        server::Intake *intake = f.begin(client, "/v1/messages", std::nullopt);
        send(f, *intake, QByteArray("{\"model\":\"") + model + "\"}");
        QVERIFY(f.call().request.hasBody && !f.call().request.bodySize);
        f.answer();
    }
}

void TestSteps::tellsALaneTheSizeThatItNeeds()
{
    ExchangeFixture f(test::withRules(), true);
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", std::nullopt);
    send(f, *intake, R"({"model":"fast"})");
    QCOMPARE(f.call().body, QByteArray(R"({"model":"glm-4.6"})"));
    QCOMPARE(*f.call().request.bodySize, std::int64_t(f.call().body.size()));
    f.answer();
}

void TestSteps::leavesOtherEndpointsAlone()
{
    ExchangeFixture f(test::withRules());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/files", 16);
    f.settle();
    f.connect();
    intake->body(R"({"model":"fast")");
    QCOMPARE(f.call().body, QByteArray(R"({"model":"fast")")); // at once, and whatever it is
    intake->body("}");
    intake->bodyEnd();
    f.answer();
    QVERIFY(client.ended);
}

void TestSteps::streamsWhereThereAreNoRules()
{
    pipeline::Options options = test::withRules();
    options.models = {};
    ExchangeFixture f(options);
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 16);
    f.settle();
    f.connect();
    intake->body(R"({"model":"fast")");
    QCOMPARE(f.call().body, QByteArray(R"({"model":"fast")"));
    intake->body("}");
    intake->bodyEnd();
    QCOMPARE(*f.call().request.bodySize, std::int64_t(16));
    f.answer();
    QCOMPARE(f.recorder.takeBatch().front().modelRequested, std::string("fast"));
}

void TestSteps::refusesWhatItCannotRead_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("told");
    QTest::newRow("not JSON, for Anthropic's clients")
        << QByteArray("/v1/messages") << QByteArray(R"({"model":nil})")
        << QByteArray(
               R"({"error":{"message":"Weir: the request body is not valid JSON, and a rule for models )"
               R"(or a limit must read it: at byte 10","type":"invalid_request_error"},"type":"error"})");
    QTest::newRow("cut short, for OpenAI's clients")
        << QByteArray("/v1/chat/completions") << QByteArray(R"({"model":"fast")")
        << QByteArray(
               R"({"error":{"code":"invalid_json","message":"Weir: the request body is not valid JSON, )"
               R"(and a rule for models or a limit must read it: at byte 15","param":null,)"
               R"("type":"invalid_request_error"}})");
    QTest::newRow("too deep") << QByteArray("/v1/messages")
                              << QByteArray(QByteArray(1025, '[') + QByteArray(1025, ']'))
                              << QByteArray("nested deeper than 1024 levels");
    QTest::newRow("a name too long") << QByteArray("/v1/messages")
                                     << QByteArray("{\"model\":\"" + QByteArray(1025, 'm') + "\"}")
                                     << QByteArray("a model name longer than 1024 bytes");
}

void TestSteps::refusesWhatItCannotRead()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, told);
    pipeline::Options options = test::withRules();
    options.bodyHold = 4000;
    ExchangeFixture f(options);
    Client client;
    server::Intake *intake = f.begin(client, path.toStdString(), body.size());
    send(f, *intake, body);
    QCOMPARE(client.head.status, 400);
    QVERIFY(client.ended);
    QVERIFY2(client.body.contains(told), client.body.constData());
    QCOMPARE(f.lanes.count, 0); // nobody was asked
    QCOMPARE(f.recorder.takeBatch().front().outcome, metrics::Outcome::Answered);
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
}

void TestSteps::reroutes()
{
    ExchangeFixture f(test::withRules());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages?beta=true", 15);
    send(f, *intake, R"({"model":"far"})");
    QCOMPARE(f.pools.pools().size(), std::size_t(1));
    QCOMPARE(f.pools.pools().front()->originText(), std::string("https://other.example:443"));
    QCOMPARE(f.call().request.target, std::string("/api/v1/messages?beta=true"));
    QVERIFY(!f.call().request.headers.contains("x-api-key")); // it wants none, so it gets none
    QCOMPARE(f.call().body, QByteArray(R"({"model":"near"})"));
    f.answer();
    QCOMPARE(f.recorder.takeBatch().front().provider, std::string("other"));
}

void TestSteps::refusesAProviderOfAnotherDialect()
{
    ExchangeFixture f(test::withRules());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/chat/completions", 15);
    send(f, *intake, R"({"model":"far"})");
    QCOMPARE(client.head.status, 400);
    QVERIFY2(client.body.contains("'other' has no openai_base"), client.body.constData());
    QCOMPARE(f.lanes.count, 0);
}

void TestSteps::asksForTheCredentialOfTheOtherProvider()
{
    pipeline::Options options = test::withRules();
    options.routes.anthropic = "other"; // wants none
    options.models.aliases = {{"far", "near", "sim"}};
    ExchangeFixture f(options);
    f.credential.clear();
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 15);
    QVERIFY(intake);
    send(f, *intake, R"({"model":"far"})");
    QCOMPARE(client.head.status, 401);
    QCOMPARE(f.lanes.count, 0);
}

void TestSteps::refusesBeforeTheBodyIsAskedFor()
{
    ExchangeFixture f(test::withRules());
    {
        Client client;
        f.credential.clear();
        QVERIFY(!f.begin(client, "/v1/messages", 500)); // nobody takes a body
        QCOMPARE(client.head.status, 401);
        QCOMPARE(client.continues, 0);
        QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
    }
    f.credential = "k";
    {
        Client client;
        f.encoding = "compress";
        QVERIFY(!f.begin(client, "/v1/messages", 500));
        QCOMPARE(client.head.status, 400);
        QVERIFY(client.body.contains("Content-Encoding"));
        QCOMPARE(client.continues, 0);
    }
    f.encoding.clear();
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 500);
    QVERIFY(intake);
    QCOMPARE(client.continues, 1);
    intake->abandon({base::Errc::ClientGone, {}});
    QCOMPARE(f.pipeline.budget().used(), std::int64_t(0));
}

void TestSteps::recordsModelsAndEndReason()
{
    ExchangeFixture f(test::withRules());
    Client client;
    server::Intake *intake = f.begin(client, "/v1/messages", 16);
    send(f, *intake, R"({"model":"fast"})");
    http::ResponseHead head;
    head.status = 200;
    head.headers.add("content-type", "application/json");
    f.call().sink.onHead(std::move(head), "h2");
    f.call().sink.onChunk(R"({"model":"glm-4.6-0901","stop_reason":"end_turn","usage":{"output_tokens":1}})");
    f.call().end();
    const metrics::RequestRecord record = f.recorder.takeBatch().front();
    QCOMPARE(record.modelRequested, std::string("fast"));
    QCOMPARE(record.modelSent, std::string("glm-4.6"));
    QCOMPARE(record.modelServed, std::string("glm-4.6-0901"));
    QCOMPARE(record.endReason, std::string("end_turn"));
}

QTEST_GUILESS_MAIN(TestSteps)
#include "tst_steps.moc"
