// SPDX-License-Identifier: GPL-3.0-or-later
// The providers' replies in tests/fixtures: whole, cut at each byte, in random pieces, with each kind of line
// end.
#include "deflated.h"
#include "llm/reply_meter.h"
#include <QFile>
#include <QTest>
#include <random>
#include <string>

using namespace weir;
using namespace weir::llm;

Q_DECLARE_METATYPE(weir::llm::TokenUsage)

namespace {

QByteArray fixture(const QByteArray &name)
{
    QFile file(QStringLiteral(WEIR_FIXTURES "/") + QString::fromLatin1(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Everything that a meter tells, so that two can be compared.
struct Told
{
    std::string model;
    std::string endReason;
    TokenUsage usage;
    Completeness completeness;
    std::int64_t streamedTokens; // of a stream
    bool content;
    bool error;

    bool operator==(const Told &) const = default;
};

Told measure(Api api, int status, bool isStream, const std::vector<QByteArray> &pieces,
             const char *encoding = nullptr)
{
    http::ResponseHead head;
    head.status = status;
    head.headers.add("content-type", isStream ? "text/event-stream" : "application/json");
    if (encoding)
        head.headers.add("content-encoding", encoding);
    ReplyMeter meter(api, head);
    for (const QByteArray &piece : pieces) {
        // A copy that goes at once: a view kept beyond feed() would show under the sanitizer.
        const std::string once = piece.toStdString();
        meter.feed(once);
    }
    meter.finish();
    return {meter.model(),
            meter.endReason(),
            meter.usage(),
            meter.completeness(),
            isStream ? meter.streamedTokens() : 0,
            meter.hasSeenContent(),
            meter.hasSeenError()};
}

} // namespace

class TestReplyFixtures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void splitsChangeNothing_data() { reads_data(); }
    void splitsChangeNothing();
    void lineEndsChangeNothing_data() { reads_data(); }
    void lineEndsChangeNothing();
    void compressionChangesNothing_data() { reads_data(); }
    void compressionChangesNothing();
    void everyCutShows_data() { reads_data(); }
    void everyCutShows();
    void errorsHaveACode_data();
    void errorsHaveACode();
};

void TestReplyFixtures::reads_data()
{
    QTest::addColumn<int>("api");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<TokenUsage>("usage");
    QTest::addColumn<bool>("content");
    QTest::addColumn<bool>("error");
    QTest::addColumn<QByteArray>("endReason");
    const auto row = [](const char *file, Api api, const char *model, const TokenUsage &usage,
                        const char *endReason = "", bool content = true, bool error = false,
                        int status = 200) {
        QTest::newRow(file) << int(api) << status << QByteArray(model) << usage << content << error
                            << QByteArray(endReason);
    };
    const char *const claude = "claude-sonnet-4-5-20250929";
    const char *const gpt = "gpt-5-2025-08-07";
    const char *const codex = "gpt-5-codex";
    // input, cachedInput, cacheWrite, output, reasoning, known, cacheWrite1h
    row("anthropic/messages_thinking_and_tool.sse", Api::Messages, claude,
        {17433, 15360, 2048, 189, 0, true, 848}, "tool_use");
    row("anthropic/messages_overloaded.sse", Api::Messages, claude, {17433, 15360, 2048, 1, 0, true, 848}, "",
        true, true);
    row("anthropic/messages.json", Api::Messages, claude, {1010, 900, 100, 12, 0, true}, "end_turn");
    row("anthropic/count_tokens.json", Api::CountTokens, "", {}, "", false);
    row("anthropic/models.json", Api::Models, "", {}, "", false);
    row("anthropic/error_429.json", Api::Messages, "", {}, "", false, false, 429);
    row("openai/chat_with_usage.sse", Api::ChatCompletions, gpt, {2006, 1920, 0, 300, 128, true}, "stop");
    row("openai/chat_tool_without_usage.sse", Api::ChatCompletions, gpt, {}, "tool_calls");
    row("openai/chat_error_in_stream.sse", Api::ChatCompletions, gpt, {}, "", true, true);
    row("openai/chat.json", Api::ChatCompletions, gpt, {19, 0, 0, 10, 4, true}, "stop");
    row("openai/responses.sse", Api::Responses, codex, {3700, 3584, 0, 87, 64, true}, "completed");
    row("openai/responses_incomplete.sse", Api::Responses, codex, {3700, 3584, 0, 87, 64, true},
        "max_output_tokens");
    row("openai/responses_failed.sse", Api::Responses, codex, {}, "failed", false, true);
    row("openai/responses.json", Api::Responses, codex, {3700, 3584, 0, 87, 64, true}, "completed");
    row("openai/embeddings.json", Api::Embeddings, "text-embedding-3-small", {8, 0, 0, 0, 0, true}, "",
        false);
    row("openai/models.json", Api::Models, "", {}, "", false);
    row("openai/error_401.json", Api::ChatCompletions, "", {}, "", false, false, 401);
    row("zai/chat_reasoning.sse", Api::ChatCompletions, "glm-4.6", {17, 4, 0, 171, 0, true}, "stop");
    row("zai/messages_usage_at_the_end.sse", Api::Messages, "glm-4.6", {653, 640, 0, 9, 0, true}, "end_turn");
    row("zai/error_1302.json", Api::ChatCompletions, "", {}, "", false, false, 429);
}

void TestReplyFixtures::errorsHaveACode_data()
{
    QTest::addColumn<int>("api");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    const auto row = [](const char *file, Api api, int status, const char *code) {
        QTest::newRow(file) << int(api) << status << QByteArray(code);
    };
    row("anthropic/error_429.json", Api::Messages, 429, "rate_limit_error");
    row("anthropic/messages_overloaded.sse", Api::Messages, 200, "overloaded_error");
    row("openai/error_401.json", Api::ChatCompletions, 401, "invalid_api_key");
    row("openai/chat_error_in_stream.sse", Api::ChatCompletions, 200, "server_error"); // its code is null
    row("openai/responses_failed.sse", Api::Responses, 200, "server_error");
    row("zai/error_1302.json", Api::ChatCompletions, 429, "1302");
    row("openai/chat.json", Api::ChatCompletions, 200, "");
}

void TestReplyFixtures::errorsHaveACode()
{
    QFETCH(int, api);
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    const QByteArray name = QTest::currentDataTag();
    http::ResponseHead head;
    head.status = status;
    head.headers.add("content-type", name.endsWith(".sse") ? "text/event-stream" : "application/json");
    ReplyMeter meter(Api(api), head);
    const QByteArray reply = fixture(name);
    meter.feed({reply.constData(), std::size_t(reply.size())});
    meter.finish();
    QCOMPARE(QByteArray::fromStdString(meter.errorCode()), code);
}

void TestReplyFixtures::reads()
{
    QFETCH(int, api);
    QFETCH(int, status);
    QFETCH(QByteArray, model);
    QFETCH(TokenUsage, usage);
    QFETCH(bool, content);
    QFETCH(bool, error);
    QFETCH(QByteArray, endReason);
    const QByteArray name = QTest::currentDataTag();
    const QByteArray reply = fixture(name);
    QVERIFY(!reply.isEmpty());
    const Told told = measure(Api(api), status, name.endsWith(".sse"), {reply});
    QCOMPARE(QByteArray::fromStdString(told.model), model);
    QCOMPARE(told.usage.input, usage.input);
    QCOMPARE(told.usage.output, usage.output);
    QVERIFY(told.usage == usage);
    QCOMPARE(told.completeness, Completeness::Complete);
    QCOMPARE(told.content, content);
    QCOMPARE(told.error, error);
    QCOMPARE(QByteArray::fromStdString(told.endReason), endReason);
}

void TestReplyFixtures::splitsChangeNothing()
{
    QFETCH(int, api);
    QFETCH(int, status);
    const QByteArray name = QTest::currentDataTag();
    const QByteArray reply = fixture(name);
    const bool isStream = name.endsWith(".sse");
    const Told whole = measure(Api(api), status, isStream, {reply});
    for (qsizetype at = 0; at <= reply.size(); ++at)
        QVERIFY2(measure(Api(api), status, isStream, {reply.left(at), reply.mid(at)}) == whole,
                 QByteArray::number(at).constData());
    std::mt19937 random(7);
    for (int round = 0; round < 100; ++round) {
        const qsizetype sizeMax = qsizetype(1) << (round % 10);
        std::vector<QByteArray> pieces;
        for (qsizetype at = 0; at < reply.size(); at += pieces.back().size())
            pieces.push_back(reply.mid(at, 1 + qsizetype(random() % unsigned(sizeMax))));
        QVERIFY2(measure(Api(api), status, isStream, pieces) == whole, QByteArray::number(round).constData());
    }
}

void TestReplyFixtures::lineEndsChangeNothing()
{
    QFETCH(int, api);
    QFETCH(int, status);
    const QByteArray name = QTest::currentDataTag();
    const QByteArray reply = fixture(name);
    const bool isStream = name.endsWith(".sse");
    const Told whole = measure(Api(api), status, isStream, {reply});
    for (const char *end : {"\r\n", "\r"}) {
        const QByteArray other = QByteArray(reply).replace("\n", end);
        QVERIFY(measure(Api(api), status, isStream, {other}) == whole);
        for (qsizetype at = 1; at < other.size(); at += 3)
            QVERIFY(measure(Api(api), status, isStream, {other.left(at), other.mid(at)}) == whole);
    }
    if (isStream)
        QVERIFY(measure(Api(api), status, true, {"\xEF\xBB\xBF: hello\n\n" + reply}) == whole);
}

void TestReplyFixtures::compressionChangesNothing()
{
    QFETCH(int, api);
    QFETCH(int, status);
    const QByteArray name = QTest::currentDataTag();
    const QByteArray reply = fixture(name);
    const bool isStream = name.endsWith(".sse");
    const Told plain = measure(Api(api), status, isStream, {reply});
    const QByteArray gzip = deflated(reply, GzipFormat);
    const QByteArray zlib = deflated(reply, ZlibFormat);
    QVERIFY(measure(Api(api), status, isStream, {gzip}, "gzip") == plain);
    QVERIFY(measure(Api(api), status, isStream, {gzip}, "X-Gzip") == plain);
    QVERIFY(measure(Api(api), status, isStream, {zlib}, "deflate") == plain);
    for (qsizetype at = 1; at < gzip.size(); ++at)
        QVERIFY(measure(Api(api), status, isStream, {gzip.left(at), gzip.mid(at)}, "gzip") == plain);
    const Told broken = measure(Api(api), status, isStream, {reply}, "gzip");
    QCOMPARE(broken.completeness, Completeness::Unknown);
    QCOMPARE(measure(Api(api), status, isStream, {reply}, "br").completeness, Completeness::Unknown);
    const Told cut = measure(Api(api), status, isStream, {gzip.left(gzip.size() / 2)}, "gzip");
    QVERIFY(cut.completeness == Completeness::Incomplete || cut.completeness == Completeness::Unshown);
}

void TestReplyFixtures::everyCutShows()
{
    QFETCH(int, api);
    QFETCH(int, status);
    const QByteArray name = QTest::currentDataTag();
    const QByteArray reply = fixture(name).trimmed();
    for (qsizetype size = 0; size < reply.size(); ++size) {
        const Told cut = measure(Api(api), status, name.endsWith(".sse"), {reply.left(size)});
        // An answer that has said why it ended is one, and nobody can tell what is none.
        const bool isTold = cut.completeness == Completeness::Complete && !cut.endReason.empty();
        QVERIFY2(cut.completeness == Completeness::Incomplete || cut.completeness == Completeness::Unshown ||
                     isTold,
                 QByteArray::number(size).constData());
    }
    // The last event's data is all there: a missing blank line behind it is no loss.
    QVERIFY(measure(Api(api), status, name.endsWith(".sse"), {reply}).completeness == Completeness::Complete);
}

QTEST_GUILESS_MAIN(TestReplyFixtures)
#include "tst_reply_fixtures.moc"
