// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/answerer.h"

#include "script_reading.h"
#include <QTest>

using namespace weir;
using namespace weir::simulator;

class TestAnswerer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void answersJson_data();
    void answersJson();
    void tellsErrors_data();
    void tellsErrors();
    void tellsRateLimits();
    void refusesRequests_data();
    void refusesRequests();
    void asksForKey();
    void answersHead();

private:
    Answerer answerer{Options()};
};

void TestAnswerer::answersJson_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("anthropic");
    QTest::addColumn<QByteArray>("path"); // into the JSON
    QTest::addColumn<QJsonValue>("value");
    const auto row = [](const char *title, const char *method, const char *target, const QByteArray &body,
                        bool anthropic, const char *path, const QJsonValue &value) {
        QTest::newRow(title) << QByteArray(method) << QByteArray(target) << body << anthropic
                             << QByteArray(path) << value;
    };
    const QString text = QStringLiteral("Hello from the simulated provider.");
    const QByteArray small = R"({"model":"m \" \\ é \u0001","messages":[]})";
    const QByteArray large = R"({"model":"m","pad":")" + QByteArray(8000, 'x') + "\"}"; // 8,022 bytes
    row("message: text", "POST", "/v1/messages?beta=true", small, true, "content.0.text", text);
    row("message: model echoed", "POST", "/v1/messages", small, true, "model",
        QStringLiteral("m \" \\ é \u0001"));
    row("message: role", "POST", "/api/anthropic/v1/messages", small, false, "role",
        QStringLiteral("assistant"));
    row("message: uncached tokens", "POST", "/v1/messages", large, true, "usage.input_tokens", 1003);
    row("message: cached tokens", "POST", "/v1/messages", large, true, "usage.cache_read_input_tokens", 1002);
    row("count tokens", "POST", "/v1/messages/count_tokens?beta=true", large, true, "input_tokens", 2005);
    row("chat: text", "POST", "/v1/chat/completions", small, false, "choices.0.message.content", text);
    row("chat: base path", "POST", "/api/coding/paas/v4/chat/completions", small, false, "object",
        QStringLiteral("chat.completion"));
    row("chat: total tokens", "POST", "/v1/chat/completions", large, false, "usage.total_tokens", 2010);
    row("chat: cached tokens", "POST", "/v1/chat/completions", large, false,
        "usage.prompt_tokens_details.cached_tokens", 1002);
    row("chat: created", "POST", "/v1/chat/completions", small, false, "created", 1'700'000'000);
    row("response: text", "POST", "/v1/responses", small, false, "output.0.content.0.text", text);
    row("response: status", "POST", "/v1/responses", small, false, "status", QStringLiteral("completed"));
    row("response: tokens", "POST", "/v1/responses", large, false, "usage.input_tokens", 2005);
    row("embedding", "POST", "/v1/embeddings", R"({"model":"e","input":"a"})", false, "data.0.object",
        QStringLiteral("embedding"));
    row("models, OpenAI", "GET", "/v1/models", {}, false, "data.0.object", QStringLiteral("model"));
    row("models, Anthropic", "GET", "/v1/models?limit=1000", {}, true, "data.0.type",
        QStringLiteral("model"));
    row("models, Anthropic: end of list", "GET", "/v1/models", {}, true, "has_more", false);
    row("one model, OpenAI", "GET", "/v1/models/a%2Fb", {}, false, "id", QStringLiteral("a/b"));
    row("one model, Anthropic", "GET", "/v1/models/x/y", {}, true, "id", QStringLiteral("x/y"));
    row("hello", "GET", "/api/hello", {}, false, "message", QStringLiteral("hello"));
    row("root", "GET", "/", {}, false, "message", QStringLiteral("hello"));
}

void TestAnswerer::answersJson()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    QFETCH(bool, anthropic);
    QFETCH(QByteArray, path);
    QFETCH(QJsonValue, value);
    const Script script =
        answerer.answer(makeRequest(method.toStdString(), target.toStdString(), body, anthropic), Now);
    QCOMPARE(script.head.status, 200);
    QCOMPARE(fieldOf(script, "content-type"), "application/json");
    const QByteArray sent = bodyOf(script);
    QCOMPARE(script.head.contentLength.value_or(-1), std::int64_t(sent.size()));
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(sent, &problem);
    QVERIFY2(problem.error == QJsonParseError::NoError, sent.constData());
    QCOMPARE(at(document.object(), path), value);
}

void TestAnswerer::tellsErrors_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("anthropicType");
    QTest::addColumn<QByteArray>("openAiType");
    const auto row = [](int status, const char *anthropicType, const char *openAiType) {
        QTest::addRow("%d", status) << status << QByteArray(anthropicType) << QByteArray(openAiType);
    };
    row(400, "invalid_request_error", "invalid_request_error");
    row(401, "authentication_error", "invalid_request_error");
    row(403, "permission_error", "invalid_request_error");
    row(404, "not_found_error", "invalid_request_error");
    row(429, "rate_limit_error", "requests");
    row(500, "api_error", "server_error");
    row(503, "api_error", "server_error");
    row(529, "overloaded_error", "server_error");
}

void TestAnswerer::tellsErrors()
{
    QFETCH(int, status);
    QFETCH(QByteArray, anthropicType);
    QFETCH(QByteArray, openAiType);
    // An error is JSON also where a stream was asked for.
    const QByteArray body = R"({"stream":true,"model":"sim-error-)" + QByteArray::number(status) + "\"}";
    for (const bool isAnthropic : {true, false}) {
        const Script script =
            answerer.answer(makeRequest("POST", isAnthropic ? "/v1/messages" : "/v1/responses", body), Now);
        QCOMPARE(script.head.status, status);
        QCOMPARE(fieldOf(script, "content-type"), "application/json");
        const QJsonObject object = QJsonDocument::fromJson(bodyOf(script)).object();
        QCOMPARE(at(object, "error.type").toString().toLatin1(), isAnthropic ? anthropicType : openAiType);
        QVERIFY(!at(object, "error.message").toString().isEmpty());
        QCOMPARE(object.contains(QStringLiteral("request_id")), isAnthropic);
        const bool comesBack = status == 429 || status == 503 || status == 529;
        QCOMPARE(fieldOf(script, "retry-after"), comesBack ? "1" : "");
    }
}

void TestAnswerer::tellsRateLimits()
{
    const QByteArray body = R"({"model":"sim-error-429"})";
    const Script messages = answerer.answer(makeRequest("POST", "/v1/messages", body), Now);
    QCOMPARE(fieldOf(messages, "anthropic-ratelimit-requests-remaining"), "0");
    const Script chat = answerer.answer(makeRequest("POST", "/v1/chat/completions", body), Now);
    QCOMPARE(fieldOf(chat, "x-ratelimit-remaining-requests"), "0");
}

void TestAnswerer::refusesRequests_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("told");
    const auto row = [](const char *title, const char *method, const char *target, const QByteArray &body,
                        int status, const char *told) {
        QTest::newRow(title) << QByteArray(method) << QByteArray(target) << body << status
                             << QByteArray(told);
    };
    const QByteArray good = R"({"model":"m"})";
    const QByteArray embedding = R"({"model":"e","input":)";
    row("unknown path", "POST", "/v1/nothing", good, 404, "/v1/nothing");
    row("method of a call", "GET", "/v1/messages", {}, 405, "POST only");
    row("method of a list", "POST", "/v1/models", good, 405, "GET only");
    row("no body", "POST", "/v1/messages", {}, 400, "not valid JSON");
    row("half a body", "POST", "/v1/messages", R"({"model":"m")", 400, "not valid JSON");
    row("two values", "POST", "/v1/messages", "{}{}", 400, "not valid JSON");
    row("not an object", "POST", "/v1/messages", "[]", 400, "not a JSON object");
    row("no model", "POST", "/v1/messages", "{}", 400, "model");
    row("model is a number", "POST", "/v1/messages", R"({"model":1})", 400, "'model' must be text");
    row("unknown behaviour", "POST", "/v1/messages", R"({"model":"sim-x"})", 400, "\"x\"");
    row("no input", "POST", "/v1/embeddings", good, 400, "'input' is missing");
    row("empty input", "POST", "/v1/embeddings", embedding + "[]}", 400, "'input' is empty");
    row("odd input", "POST", "/v1/embeddings", embedding + "{}}", 400, "'input' must be");
    row("odd element of input", "POST", "/v1/embeddings", embedding + "[\"a\",null]}", 400,
        "'input' must be");
    row("odd token", "POST", "/v1/embeddings", embedding + "[1,\"a\"]}", 400, "neither text nor tokens");
    row("too many inputs", "POST", "/v1/embeddings",
        embedding + '[' + QByteArray("\"\",").repeated(2048) + "\"\"]}", 400, "more than 2048");
    row("too many dimensions", "POST", "/v1/embeddings", embedding + "\"a\",\"dimensions\":4097}", 400,
        "1 to 4096");
    row("no dimensions", "POST", "/v1/embeddings", embedding + "\"a\",\"dimensions\":0}", 400, "1 to 4096");
}

void TestAnswerer::refusesRequests()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, told);
    const Script script = answerer.answer(makeRequest(method.toStdString(), target.toStdString(), body), Now);
    QTEST(script.head.status, "status");
    const QJsonObject object = QJsonDocument::fromJson(bodyOf(script)).object();
    const QByteArray message = at(object, "error.message").toString().toUtf8();
    QVERIFY2(message.contains(told), message.constData());
}

void TestAnswerer::asksForKey()
{
    Options options;
    options.requireKey = true;
    Answerer strict(options);
    Request request = makeRequest("GET", "/v1/models");
    QCOMPARE(strict.answer(request, Now).head.status, 401);
    QCOMPARE(strict.answer(makeRequest("HEAD", "/api/hello"), Now).head.status, 200);
    request.head.headers.add("x-api-key", "k");
    QCOMPARE(strict.answer(request, Now).head.status, 200);
    request.head.headers.remove("x-api-key");
    request.head.headers.add("authorization", "Bearer k");
    QCOMPARE(strict.answer(request, Now).head.status, 200);
}

void TestAnswerer::answersHead()
{
    const Script script = answerer.answer(makeRequest("HEAD", "/api/hello"), Now);
    QCOMPARE(script.head.status, 200);
    QVERIFY(script.pieces.empty());
    QCOMPARE(script.head.contentLength.value_or(0), std::int64_t(19)); // as GET would have
}

QTEST_GUILESS_MAIN(TestAnswerer)
#include "tst_answerer.moc"
