// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/usage_reader.h"
#include <QByteArray>
#include <QTest>
#include <random>
#include <string>

using namespace weir::llm;

Q_DECLARE_METATYPE(weir::llm::TokenUsage)

class TestUsageReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsUsage_data();
    void readsUsage();
    void laterEventsKeepWhatTheyDoNotTell();
    void findsContent_data();
    void findsContent();
    void findsErrors_data();
    void findsErrors();
    void readsTheEndReason_data();
    void readsTheEndReason();
    void findsTheType();
    void noNonsenseBreaksTheBounds();
};

void TestUsageReader::readsUsage_data()
{
    QTest::addColumn<int>("api");
    QTest::addColumn<QByteArray>("usageJson");
    QTest::addColumn<TokenUsage>("usage");
    const auto row = [](const char *name, Api api, const char *json, const TokenUsage &usage) {
        QTest::newRow(name) << int(api) << QByteArray(json) << usage;
    };
    // input, cachedInput, cacheWrite, output, reasoning, known
    row("messages: cached tokens come on top", Api::Messages,
        R"({"input_tokens":5,"cache_creation_input_tokens":20,"cache_read_input_tokens":100,"output_tokens":7})",
        {125, 100, 20, 7, 0, true});
    row("messages: the order is free", Api::Messages,
        R"({"output_tokens":7,"cache_read_input_tokens":100,"input_tokens":5,"cache_creation_input_tokens":20})",
        {125, 100, 20, 7, 0, true});
    row("messages: null parts", Api::Messages,
        R"({"input_tokens":5,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"output_tokens":7})",
        {5, 0, 0, 7, 0, true});
    row("messages: the sum is clamped too", Api::Messages,
        R"({"input_tokens":1099511627776,"cache_read_input_tokens":1099511627776,"output_tokens":1})",
        {TokensMax, TokensMax, 0, 1, 0, true});
    row("chat", Api::ChatCompletions,
        R"({"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":3}})",
        {9, 8, 0, 4, 3, true});
    row("chat: a gateway sends both kinds of names", Api::ChatCompletions,
        R"({"prompt_tokens":9,"completion_tokens":4,"input_tokens":0,"output_tokens":0,"input_tokens_details":null})",
        {9, 0, 0, 4, 0, true});
    row("chat: a gateway sends the other names", Api::ChatCompletions,
        R"({"input_tokens":9,"output_tokens":4})", {9, 0, 0, 4, 0, true});
    row("chat: details are null", Api::ChatCompletions,
        R"({"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":null})", {9, 0, 0, 4, 0, true});
    row("chat: parts larger than the whole", Api::ChatCompletions,
        R"({"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":99},"completion_tokens_details":{"reasoning_tokens":99}})",
        {9, 9, 0, 4, 4, true});
    row("responses", Api::Responses,
        R"({"input_tokens":9,"input_tokens_details":{"cached_tokens":8},"output_tokens":4,"output_tokens_details":{"reasoning_tokens":3}})",
        {9, 8, 0, 4, 3, true});
    row("embeddings", Api::Embeddings, R"({"prompt_tokens":9,"total_tokens":9})", {9, 0, 0, 0, 0, true});
    row("count_tokens uses none", Api::CountTokens, R"({"input_tokens":9})", {});
    row("of two equal keys the last", Api::ChatCompletions,
        R"({"prompt_tokens":1,"completion_tokens":1,"prompt_tokens":2})", {2, 0, 0, 1, 0, true});
    row("beyond 64 bits", Api::ChatCompletions,
        R"({"prompt_tokens":99999999999999999999999,"completion_tokens":-99999999999999999999999})",
        {TokensMax, 0, 0, 0, 0, true});
    row("blanks behind a number", Api::ChatCompletions,
        "{\"prompt_tokens\": 3 \n, \"completion_tokens\" :\t4\r\n}", {3, 0, 0, 4, 0, true});
    row("neither counts nor numbers", Api::ChatCompletions,
        R"({"prompt_tokens":"1.5","completion_tokens":"4","prompt_tokens_details":[1]})", {});
    row("fractions and exponents are rounded", Api::ChatCompletions,
        R"({"prompt_tokens":1e3,"completion_tokens":2.5})", {1000, 0, 0, 3, 0, true});
    row("the names of a cache's hits", Api::ChatCompletions,
        R"({"prompt_tokens":100,"completion_tokens":5,"prompt_cache_hit_tokens":80})",
        {100, 80, 0, 5, 0, true});
    row("cached tokens beside the others", Api::ChatCompletions,
        R"({"prompt_tokens":100,"completion_tokens":5,"cached_tokens":80})", {100, 80, 0, 5, 0, true});
    row("the cache in Anthropic's words", Api::ChatCompletions,
        R"({"prompt_tokens":100,"completion_tokens":5,"cache_read_input_tokens":80,"cache_creation_input_tokens":7})",
        {100, 80, 7, 5, 0, true});
    row("written to the cache", Api::ChatCompletions,
        R"({"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":80,"cache_write_tokens":15}})",
        {100, 80, 15, 5, 0, true});
    row("reasoning inside the output", Api::ChatCompletions,
        R"({"prompt_tokens":10,"completion_tokens":25,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":20}})",
        {10, 0, 0, 25, 20, true});
    row("reasoning beside the output", Api::ChatCompletions,
        R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":20}})",
        {10, 0, 0, 25, 20, true});
    row("reasoning that only the total shows", Api::ChatCompletions,
        R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":35,"prompt_tokens_details":{"cached_tokens":8}})",
        {10, 8, 0, 25, 20, true});
    row("a cache beside the input", Api::ChatCompletions,
        R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":115,"cache_read_input_tokens":90,"cache_creation_input_tokens":10})",
        {110, 90, 10, 5, 0, true});
    row("both beside", Api::Responses,
        R"({"input_tokens":10,"output_tokens":5,"total_tokens":135,"input_tokens_details":{"cached_tokens":100},"output_tokens_details":{"reasoning_tokens":20}})",
        {110, 100, 0, 25, 20, true});
    row("a total that explains nothing", Api::ChatCompletions,
        R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":99,"completion_tokens_details":{"reasoning_tokens":3}})",
        {10, 0, 0, 5, 3, true});
    row("a total that is too small", Api::ChatCompletions,
        R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":2})", {10, 0, 0, 5, 0, true});
    row("nothing but a total", Api::Embeddings, R"({"total_tokens":9})", {9, 0, 0, 0, 0, true});
    row("the input from the total", Api::ChatCompletions, R"({"completion_tokens":4,"total_tokens":9})",
        {5, 0, 0, 4, 0, true});
    row("completions", Api::Completions, R"({"prompt_tokens":30,"completion_tokens":8,"total_tokens":38})",
        {30, 0, 0, 8, 0, true});
    row("an image", Api::Other,
        R"({"input_tokens":50,"output_tokens":1056,"total_tokens":1106,"input_tokens_details":{"text_tokens":10,"image_tokens":40}})",
        {50, 0, 0, 1056, 0, true});
    row("ranks", Api::Other, R"({"prompt_tokens":12,"total_tokens":12,"input_tokens":0})",
        {12, 0, 0, 0, 0, true});
    row("seconds of sound are no tokens", Api::Other, R"({"type":"duration","seconds":60})", {});
    row("a look at an answer costs nothing", Api::Lookup, R"({"input_tokens":5,"output_tokens":7})", {});
    row("thinking", Api::Responses,
        R"({"input_tokens":1,"output_tokens":5,"output_tokens_details":{"thinking_tokens":4}})",
        {1, 0, 0, 5, 4, true});
    row("empty", Api::ChatCompletions, "{}", {});
    row("null", Api::ChatCompletions, "null", {});
    row("a list", Api::Messages, "[1,2]", {});
}

void TestUsageReader::readsUsage()
{
    QFETCH(int, api);
    QFETCH(QByteArray, usageJson);
    QFETCH(TokenUsage, usage);
    for (const char *shape : {R"({"model":"m","usage":%1})", R"({"usage":%1,"model":"m","x":{"usage":1}})"}) {
        const std::string json = QByteArray(shape).replace("%1", usageJson).toStdString();
        ReplyFacts facts;
        QVERIFY(readReply(Api(api), json, facts));
        QCOMPARE(facts.usage.input, usage.input);
        QCOMPARE(facts.usage.cachedInput, usage.cachedInput);
        QCOMPARE(facts.usage.cacheWrite, usage.cacheWrite);
        QCOMPARE(facts.usage.output, usage.output);
        QCOMPARE(facts.usage.reasoning, usage.reasoning);
        QCOMPARE(facts.usage.known, usage.known);
        QCOMPARE(facts.model,
                 std::string(Api(api) == Api::CountTokens || Api(api) == Api::Lookup ? "" : "m"));
    }
}

void TestUsageReader::laterEventsKeepWhatTheyDoNotTell()
{
    ReplyFacts facts;
    const auto event = [&facts](const char *json) { return readEvent(Api::Messages, json, facts); };
    QVERIFY(event(R"({"type":"message_start","message":{"model":"m","usage":
        {"input_tokens":5,"cache_creation_input_tokens":20,"cache_read_input_tokens":100,"output_tokens":1}}})"));
    QVERIFY(event(R"({"type":"message_delta","usage":{"output_tokens":7}})"));
    QVERIFY(facts.usage == (TokenUsage{125, 100, 20, 7, 0, true}));
    // Only one part is told anew: the others stay what they were.
    QVERIFY(event(R"({"type":"message_delta","usage":{"cache_read_input_tokens":200,"output_tokens":9}})"));
    QVERIFY(facts.usage == (TokenUsage{225, 200, 20, 9, 0, true}));
    QVERIFY(event(R"({"type":"message_delta","usage":{"input_tokens":6}})"));
    QVERIFY(facts.usage == (TokenUsage{226, 200, 20, 9, 0, true}));
    QVERIFY(!event(R"({"type":"message_delta","usage":{"output_tokens":)"));
    QVERIFY(facts.usage == (TokenUsage{226, 200, 20, 9, 0, true}));
    QCOMPARE(facts.model, std::string("m"));
}

void TestUsageReader::findsContent_data()
{
    QTest::addColumn<QByteArray>("delta");
    QTest::addColumn<bool>("content");
    QTest::newRow("role") << QByteArray(R"({"role":"assistant","content":""})") << false;
    QTest::newRow("nothing yet") << QByteArray(R"({"role":"assistant","content":null,"tool_calls":[]})")
                                 << false;
    QTest::newRow("text") << QByteArray(R"({"content":"a"})") << true;
    QTest::newRow("reasoning") << QByteArray(R"({"content":"","reasoning_content":"\n"})") << true;
    QTest::newRow("reasoning, as gateways call it") << QByteArray(R"({"reasoning":"a"})") << true;
    QTest::newRow("tool") << QByteArray(R"({"tool_calls":[{"index":0}],"content":null})") << true;
    QTest::newRow("function") << QByteArray(R"({"function_call":{"name":"f"}})") << true;
    QTest::newRow("refusal") << QByteArray(R"({"refusal":"no"})") << true;
    QTest::newRow("empty") << QByteArray("{}") << false;
    QTest::newRow("null") << QByteArray("null") << false;
    QTest::newRow("a number is no content") << QByteArray(R"({"content":5})") << false;
}

void TestUsageReader::findsContent()
{
    QFETCH(QByteArray, delta);
    QFETCH(bool, content);
    const std::string choice = "{\"index\":0,\"delta\":" + delta.toStdString() + ",\"finish_reason\":null}";
    QCOMPARE(hasChatContent("{\"id\":\"x\",\"choices\":[" + choice + "]}"), content);
    QCOMPARE(hasChatContent("{\"choices\":[{\"delta\":{}}," + choice + "]}"), content);
    QCOMPARE(hasChatContent("{\"choices\":[" + choice + ",{\"delta\":{}}],\"usage\":null}"), content);
    QVERIFY(!hasChatContent("{\"choices\":" + choice + "}")); // no list
}

void TestUsageReader::findsErrors_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<bool>("error");
    QTest::newRow("first") << QByteArray(R"({"error":{"message":"no"}})") << true;
    QTest::newRow("last") << QByteArray(R"({"choices":[],"error":{"code":502}})") << true;
    QTest::newRow("a text") << QByteArray(R"({"error":"no"})") << true;
    QTest::newRow("null") << QByteArray(R"({"error":null})") << false;
    QTest::newRow("elsewhere") << QByteArray(R"({"choices":[{"error":{}}],"finish_reason":"error"})")
                               << false;
    QTest::newRow("none") << QByteArray("{}") << false;
}

void TestUsageReader::findsErrors()
{
    QFETCH(QByteArray, json);
    QFETCH(bool, error);
    QCOMPARE(hasError(json.toStdString()), error);
}

void TestUsageReader::readsTheEndReason_data()
{
    QTest::addColumn<int>("api");
    QTest::addColumn<bool>("isEvent");
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("reason"); // "before": nothing new was told
    const auto row = [](const char *name, Api api, bool isEvent, const QByteArray &json, const char *reason) {
        QTest::newRow(name) << int(api) << isEvent << json << QByteArray(reason);
    };
    row("messages", Api::Messages, false, R"({"stop_reason":"end_turn","stop_sequence":null})", "end_turn");
    row("messages: the start of a stream", Api::Messages, true, R"({"message":{"stop_reason":null}})",
        "before");
    row("messages: the end of a stream", Api::Messages, true, R"({"delta":{"stop_reason":"max_tokens"}})",
        "max_tokens");
    row("messages: a delta of content", Api::Messages, true, R"({"delta":{"text":"stop_reason"}})", "before");
    row("messages: a delta that is none", Api::Messages, true, R"({"delta":["stop_reason","x"]})", "before");
    row("chat", Api::ChatCompletions, false, R"({"choices":[{"index":0,"finish_reason":"length"}]})",
        "length");
    row("chat: a chunk within", Api::ChatCompletions, true, R"({"choices":[{"finish_reason":null}]})",
        "before");
    row("chat: several choices", Api::ChatCompletions, true,
        R"({"choices":[{"finish_reason":"stop"},{"finish_reason":"length"},{"finish_reason":null}]})",
        "length");
    row("chat: choices that are none", Api::ChatCompletions, true, R"({"choices":{"finish_reason":"x"}})",
        "before");
    row("chat: another API's word", Api::ChatCompletions, true, R"({"stop_reason":"x","status":"x"})",
        "before");
    row("responses", Api::Responses, false, R"({"status":"completed","incomplete_details":null})",
        "completed");
    row("responses: incomplete", Api::Responses, true,
        R"({"response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}})",
        "content_filter");
    row("responses: the other way round", Api::Responses, true,
        R"({"response":{"incomplete_details":{"reason":"content_filter"},"status":"incomplete"}})",
        "content_filter");
    row("responses: nothing", Api::Responses, true, R"({"response":{"id":"r"}})", "before");
    row("as long as may be", Api::Messages, false,
        "{\"stop_reason\":\"" + QByteArray(EndReasonMax, 'x') + "\"}",
        std::string(EndReasonMax, 'x').c_str());
    row("too long", Api::Messages, false, "{\"stop_reason\":\"" + QByteArray(EndReasonMax + 1, 'x') + "\"}",
        "before");
    row("embeddings have none", Api::Embeddings, false,
        R"({"stop_reason":"x","choices":[{"finish_reason":"x"}]})", "before");
}

void TestUsageReader::readsTheEndReason()
{
    QFETCH(int, api);
    QFETCH(bool, isEvent);
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, reason);
    ReplyFacts facts;
    facts.endReason = "before";
    QVERIFY((isEvent ? readEvent : readReply)(Api(api), json.toStdString(), facts));
    QCOMPARE(QByteArray::fromStdString(facts.endReason), reason);
}

void TestUsageReader::findsTheType()
{
    QCOMPARE(eventType(R"({"type":"a"})"), std::string("a"));
    QCOMPARE(eventType(R"({"sequence_number":1,"x":{"type":"no"},"type":"response.completed"})"),
             std::string("response.completed"));
    QCOMPARE(eventType(R"({"type":5})"), std::string());
    QCOMPARE(eventType("[]"), std::string());
    QCOMPARE(eventType(""), std::string());
}

/// Random damage to real events: nothing crashes, and every count stays inside its bounds.
void TestUsageReader::noNonsenseBreaksTheBounds()
{
    const std::string whole =
        R"({"type":"message_delta","message":{"model":"m","usage":{"input_tokens":5,"output_tokens":-1}},"choices":[{"delta":{"content":"a"}}],"usage":{"input_tokens":9223372036854775807,"cache_read_input_tokens":18446744073709551615,"output_tokens":4,"prompt_tokens":7,"prompt_tokens_details":{"cached_tokens":99}}})";
    const std::string_view pieces = "{}[]\",:0123456789-.eE\\u \nntf\xFF\xC3";
    std::mt19937 random(20);
    const auto inBounds = [](std::int64_t tokens) { return tokens >= 0 && tokens <= TokensMax; };
    for (int round = 0; round < 20'000; ++round) {
        std::string json = whole;
        for (unsigned change = random() % 4 + 1; change > 0; --change)
            json[random() % json.size()] = pieces[random() % pieces.size()];
        json.resize(json.size() - (random() % 3 ? 0 : random() % json.size()));
        for (const Api api : {Api::Messages, Api::ChatCompletions, Api::Responses}) {
            ReplyFacts facts;
            readEvent(api, json, facts);
            readReply(api, json, facts);
            const TokenUsage &usage = facts.usage;
            QVERIFY2(inBounds(usage.input) && inBounds(usage.cachedInput) && inBounds(usage.cacheWrite) &&
                         inBounds(usage.output) && inBounds(usage.reasoning),
                     json.c_str());
        }
        hasChatContent(json);
        hasError(json);
        eventType(json);
    }
}

QTEST_GUILESS_MAIN(TestUsageReader)
#include "tst_usage_reader.moc"
