// SPDX-License-Identifier: GPL-3.0-or-later
// Replies in the shapes that the providers document, whole and cut at each position.
#include "llm/reply_meter.h"
#include <QTest>

using namespace weir;
using namespace weir::llm;

Q_DECLARE_METATYPE(weir::llm::TokenUsage)

namespace {

http::ResponseHead headOf(const char *type, int status = 200, const char *encoding = nullptr)
{
    http::ResponseHead head;
    head.status = status;
    head.headers.add("Content-Type", type);
    if (encoding)
        head.headers.add("Content-Encoding", encoding);
    return head;
}

ReplyMeter meter(Api api, const http::ResponseHead &head, const std::vector<QByteArray> &pieces)
{
    ReplyMeter result(api, head);
    for (const QByteArray &piece : pieces) {
        const std::string once = piece.toStdString();
        result.feed(once);
    }
    result.finish();
    return result;
}

constexpr char EventStream[] = "text/event-stream; charset=utf-8";
constexpr char Json[] = "application/json";

const QByteArray Messages =
    "event: message_start\n"
    "data: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-x\",\"content\":[],"
    "\"usage\":"
    "{\"input_tokens\":12,\"cache_creation_input_tokens\":100,\"cache_read_input_tokens\":900,\"output_"
    "tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0}\n\n"
    "event: ping\ndata: {\"type\":\"ping\"}\n\n"
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"delta\":{\"text\":\"gr\xC3\xBC\"}}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":7}}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":42}}\n\n";
const QByteArray MessageStop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

const QByteArray Chat =
    "data: "
    "{\"id\":\"1\",\"model\":\"gpt-x\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],"
    "\"usage\":null}\n\n"
    "data: "
    "{\"id\":\"1\",\"model\":\"gpt-x\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}\n\n"
    "data: "
    "{\"id\":\"1\",\"model\":\"gpt-x\",\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":"
    "9,"
    "\"prompt_tokens_details\":{\"cached_tokens\":16},\"completion_tokens_details\":{\"reasoning_tokens\":4}}"
    "}\n\n";

const QByteArray Responses =
    "event: response.created\ndata: "
    "{\"type\":\"response.created\",\"response\":{\"model\":\"gpt-y\",\"usage\":null}}\n\n"
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n";
const QByteArray ResponsesEnd =
    "event: response.completed\ndata: "
    "{\"type\":\"response.completed\",\"response\":{\"model\":\"gpt-y\",\"usage\":"
    "{\"input_tokens\":30,\"output_tokens\":11,\"input_tokens_details\":{\"cached_tokens\":5},"
    "\"output_tokens_details\":{\"reasoning_tokens\":3}}}}\n\n";

} // namespace

class TestReplyMeter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void seesTheFirstContent();
    void clampsUsage_data();
    void clampsUsage();
    void givesUpOnWhatItCannotRead();
    void readsWhatIsLarge();
    void survivesNonsense_data();
    void survivesNonsense();
};

void TestReplyMeter::reads_data()
{
    QTest::addColumn<int>("api");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<TokenUsage>("usage");
    QTest::addColumn<int>("completeness");
    QTest::addColumn<bool>("error");
    const auto row = [](const char *name, Api api, const char *type, const QByteArray &reply,
                        const char *model, const TokenUsage &usage, Completeness completeness,
                        bool error = false) {
        QTest::newRow(name) << int(api) << QByteArray(type) << reply << QByteArray(model) << usage
                            << int(completeness) << error;
    };
    const TokenUsage messages{1012, 900, 100, 42, 0, true};
    row("messages stream", Api::Messages, EventStream, Messages + MessageStop, "claude-x", messages,
        Completeness::Complete);
    row("messages stream, cut", Api::Messages, EventStream, Messages, "claude-x", messages,
        Completeness::Incomplete);
    row("messages stream, error event", Api::Messages, EventStream,
        Messages + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
        "claude-x", messages, Completeness::Complete, true);
    row("messages stream, unnamed events", Api::Messages, EventStream,
        QByteArray(Messages + MessageStop)
            .replace("event: message_stop\n", "")
            .replace("event: message_start\n", ""),
        "claude-x", messages, Completeness::Complete);
    const TokenUsage chat{20, 16, 0, 9, 4, true};
    row("chat stream", Api::ChatCompletions, EventStream, Chat + "data: [DONE]\n\n", "gpt-x", chat,
        Completeness::Complete);
    row("chat stream, cut", Api::ChatCompletions, EventStream, Chat, "gpt-x", chat, Completeness::Incomplete);
    row("chat stream without usage", Api::ChatCompletions, EventStream,
        Chat.left(Chat.lastIndexOf("data:")) + "data: [DONE]\n\n", "gpt-x", {}, Completeness::Complete);
    row("chat stream, error", Api::ChatCompletions, EventStream, "data: {\"error\":{\"message\":\"no\"}}\n\n",
        "", {}, Completeness::Complete, true);
    const TokenUsage responses{30, 5, 0, 11, 3, true};
    row("responses stream", Api::Responses, EventStream, Responses + ResponsesEnd, "gpt-y", responses,
        Completeness::Complete);
    row("responses stream, cut", Api::Responses, EventStream, Responses, "", {}, Completeness::Incomplete);
    row("responses stream, failed", Api::Responses, EventStream,
        Responses + QByteArray(ResponsesEnd).replace("response.completed", "response.failed"), "gpt-y",
        responses, Completeness::Complete, true);
    row("messages JSON", Api::Messages, Json,
        "{\"model\":\"claude-x\",\"content\":[{\"text\":\"usage\"}],\"usage\":{\"input_tokens\":3,\"output_"
        "tokens\":4}}",
        "claude-x", {3, 0, 0, 4, 0, true}, Completeness::Complete);
    row("chat JSON", Api::ChatCompletions, Json,
        "{\"model\":\"gpt-x\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}", "gpt-x",
        {3, 0, 0, 4, 0, true}, Completeness::Complete);
    row("embeddings", Api::Embeddings, Json,
        "{\"model\":\"emb\",\"data\":[],\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}", "emb",
        {8, 0, 0, 0, 0, true}, Completeness::Complete);
    row("count_tokens uses none", Api::CountTokens, Json, "{\"input_tokens\":99}", "", {},
        Completeness::Complete);
    row("JSON, cut", Api::Messages, Json, "{\"model\":\"claude-x\",\"usage\":{\"input_tok", "", {},
        Completeness::Unshown);
    row("no JSON at all", Api::Messages, Json, "<html>", "", {}, Completeness::Unshown);
    row("text behind the JSON", Api::Messages, Json, "{\"model\":\"m\"}x", "", {}, Completeness::Unshown);
    row("nothing, called JSON", Api::Messages, Json, "", "", {}, Completeness::Unshown);
    row("nothing, called a stream", Api::Messages, EventStream, "", "", {}, Completeness::Unshown);
    row("JSON with a mark of UTF-8", Api::ChatCompletions, Json,
        "\xEF\xBB\xBF{\"model\":\"m\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}", "m",
        {3, 0, 0, 4, 0, true}, Completeness::Complete);
    row("JSON called a stream", Api::ChatCompletions, EventStream,
        "{\"model\":\"m\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}", "m",
        {3, 0, 0, 4, 0, true}, Completeness::Complete);
    row("a stream called JSON", Api::ChatCompletions, Json, Chat + "data: [DONE]\n\n", "gpt-x", chat,
        Completeness::Complete);
    row("chat stream, a blank behind the end", Api::ChatCompletions, EventStream,
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE] \n\n", "", {},
        Completeness::Complete);
    row("chat stream, no end event behind the reason", Api::ChatCompletions, EventStream,
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n", "", {},
        Completeness::Complete);
    row("whole, though a number is too long to read", Api::ChatCompletions, Json,
        "{\"created\":123456789012345678901234567890}", "", {}, Completeness::Complete);
    row("whole, though no UTF-8", Api::Models, Json, "{\"id\":\"\xFF\"}", "", {}, Completeness::Complete);
    row("a list", Api::Models, Json, "[{\"id\":\"m\"}]", "", {}, Completeness::Complete);
    row("JSON Lines are not JSON", Api::Other, "application/jsonl", "{}\n{}\n", "", {},
        Completeness::Unknown);
    row("JSON with parameters", Api::Other, "application/json ; charset=utf-8", "{}", "", {},
        Completeness::Complete);
    row("chat stream, no blank line behind the end", Api::ChatCompletions, EventStream, Chat + "data: [DONE]",
        "gpt-x", chat, Completeness::Complete);
    row("messages stream, the end cut in its data", Api::Messages, EventStream,
        Messages + "event: message_stop\ndata: {\"type\":\"mess", "claude-x", messages,
        Completeness::Incomplete);
    row("messages stream, unnamed, type elsewhere and blanks", Api::Messages, EventStream,
        Messages + "data: { \"index\" : 0, \"type\" : \"message_stop\" }\n\n", "claude-x", messages,
        Completeness::Complete);
    row("messages stream, all events named message", Api::Messages, EventStream,
        Messages + "event: message\ndata: {\"type\": \"message_stop\"}\n\n", "claude-x", messages,
        Completeness::Complete);
    row("chat stream, a null error is none", Api::ChatCompletions, EventStream,
        Chat + "data: {\"error\": null}\n\ndata: [DONE]\n\n", "gpt-x", chat, Completeness::Complete);
    row("chat stream, error behind other fields", Api::ChatCompletions, EventStream,
        Chat + "data: {\"choices\":[{\"finish_reason\":\"error\"}],\"error\":{\"code\":502}}\n\n", "gpt-x",
        chat, Completeness::Complete, true);
    row("chat stream, error event", Api::ChatCompletions, EventStream,
        Chat + "event: error\ndata: {\"message\":\"no\"}\n\n", "gpt-x", chat, Completeness::Complete, true);
    row("chat stream, the word error in a text", Api::ChatCompletions, EventStream,
        Chat + "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"error\\\":1}\"}}]}\n\ndata: [DONE]\n\n",
        "gpt-x", chat, Completeness::Complete);
    const TokenUsage older{30, 0, 0, 8, 0, true};
    row("completions stream", Api::Completions, EventStream,
        "data: {\"model\":\"m\",\"choices\":[{\"text\":\"a\",\"finish_reason\":\"stop\"}]}\n\n"
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":8}}\n\ndata: [DONE]\n\n",
        "m", older, Completeness::Complete);
    row("completions stream, cut", Api::Completions, EventStream,
        "data: {\"model\":\"m\",\"choices\":[{\"text\":\"a\"}]}\n\n", "m", {}, Completeness::Incomplete);
    row("an image that comes as a stream", Api::Other, EventStream,
        "event: image_generation.completed\ndata: {\"usage\":{\"input_tokens\":30,\"output_tokens\":8}}\n\n",
        "", older, Completeness::Unknown);
    row("an error in the place of an answer", Api::ChatCompletions, Json,
        "{\"error\":{\"code\":502,\"message\":\"no\"}}", "", {}, Completeness::Complete, true);
    row("no error", Api::Responses, Json, "{\"error\":null,\"status\":\"completed\"}", "", {},
        Completeness::Complete);
    row("an error of a file is none of the call", Api::Lookup, Json, "{\"error\":{\"code\":null}}", "", {},
        Completeness::Complete);
    row("something else", Api::Other, "audio/mpeg", "\x01\x02\x03", "", {}, Completeness::Unknown);
    row("a stream of unknown shape", Api::Other, EventStream, "data: a\n\n", "", {}, Completeness::Unknown);
}

void TestReplyMeter::reads()
{
    QFETCH(int, api);
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, reply);
    QFETCH(QByteArray, model);
    QFETCH(TokenUsage, usage);
    QFETCH(int, completeness);
    QFETCH(bool, error);
    const http::ResponseHead head = headOf(type.constData());
    const auto check = [&](const std::vector<QByteArray> &pieces) {
        const ReplyMeter result = meter(Api(api), head, pieces);
        QCOMPARE(QByteArray::fromStdString(result.model()), model);
        QCOMPARE(result.usage().input, usage.input);
        QCOMPARE(result.usage().output, usage.output);
        QVERIFY(result.usage() == usage);
        QCOMPARE(int(result.completeness()), completeness);
        QCOMPARE(result.hasSeenError(), error);
    };
    check({reply});
    std::vector<QByteArray> single;
    for (const char byte : reply)
        single.push_back(QByteArray(1, byte));
    check(single);
    for (qsizetype at = 1; at < reply.size() && !QTest::currentTestFailed(); ++at)
        check({reply.left(at), reply.mid(at)});
}

void TestReplyMeter::seesTheFirstContent()
{
    const auto contentAfter = [](Api api, const QByteArray &stream) {
        ReplyMeter result(api, headOf(EventStream));
        for (qsizetype at = 0; at < stream.size(); ++at) {
            result.feed({stream.constData() + at, 1});
            if (result.hasSeenContent())
                return at;
        }
        return qsizetype(-1);
    };
    // The event's own end, neither the role before it nor anything later.
    QCOMPARE(contentAfter(Api::ChatCompletions, Chat), Chat.indexOf("\n\n", Chat.indexOf("\"Hi\"")) + 1);
    QCOMPARE(contentAfter(Api::Messages, Messages),
             Messages.indexOf("\n\n", Messages.indexOf("\xC3\xBC")) + 1);
    QCOMPARE(contentAfter(Api::Responses, Responses), Responses.size() - 1);
}

void TestReplyMeter::clampsUsage_data()
{
    QTest::addColumn<QByteArray>("output");
    QTest::addColumn<qlonglong>("tokens");
    QTest::newRow("negative") << QByteArray("-5") << 0LL;
    QTest::newRow("more than any model says") << QByteArray("9223372036854775807") << qlonglong(TokensMax);
    QTest::newRow("more than 63 bits") << QByteArray("18446744073709551615") << qlonglong(TokensMax);
    QTest::newRow("a fraction is rounded") << QByteArray("1.5") << 2LL;
    QTest::newRow("a whole fraction") << QByteArray("40.0") << 40LL;
    QTest::newRow("a text is no count") << QByteArray("\"5\"") << 0LL;
    QTest::newRow("null is no count") << QByteArray("null") << 0LL;
}

void TestReplyMeter::clampsUsage()
{
    QFETCH(QByteArray, output);
    QFETCH(qlonglong, tokens);
    const ReplyMeter result = meter(Api::Messages, headOf(Json),
                                    {"{\"usage\":{\"input_tokens\":1,\"output_tokens\":" + output + "}}"});
    QCOMPARE(result.usage().output, std::int64_t(tokens));
    QCOMPARE(result.usage().input, std::int64_t(1));
}

void TestReplyMeter::givesUpOnWhatItCannotRead()
{
    const ReplyMeter compressed = meter(Api::Messages, headOf(EventStream, 200, "compress"), {Messages});
    QCOMPARE(compressed.completeness(), Completeness::Unknown);
    QVERIFY(compressed.isEventStream());
    QVERIFY(!compressed.usage().known);
    // Of which too much is left even when it is condensed.
    const QByteArray objects =
        "[" + QByteArray("{},").repeated(qsizetype(ReplyMeter::JsonBytesMax / 3)) + "{}]";
    QCOMPARE(meter(Api::Messages, headOf(Json), {objects}).completeness(), Completeness::Unknown);
    QCOMPARE(meter(Api::Messages, headOf(Json), {objects.mid(6)}).completeness(), Completeness::Unshown);
    QCOMPARE(meter(Api::Messages, headOf(Json), {"[" + objects.mid(7)}).completeness(),
             Completeness::Complete);
    // An event above the bound is not read, but what follows it is.
    const QByteArray tooLong = "event: error\ndata: " + objects + "\n\n";
    const ReplyMeter goesOn = meter(Api::Messages, headOf(EventStream), {Messages, tooLong, MessageStop});
    QVERIFY(!goesOn.hasSeenError());
    QCOMPARE(goesOn.completeness(), Completeness::Complete);
    const ReplyMeter failed =
        meter(Api::Messages, headOf(Json, 429), {"{\"usage\":{\"input_tokens\":5},\"type\":\"error\"}"});
    QVERIFY(!failed.usage().known);
    QCOMPARE(failed.completeness(), Completeness::Complete);
}

void TestReplyMeter::readsWhatIsLarge()
{
    // An image as text, before the numbers and behind them.
    const QByteArray image = "\"result\":\"" + QByteArray(6'000'000, 'A') + "\"";
    const QByteArray usage = "\"usage\":{\"input_tokens\":50,\"output_tokens\":1300}";
    for (const QByteArray &members : {image + "," + usage, usage + "," + image}) {
        const QByteArray event = "event: response.completed\ndata: {\"response\":{" + members + "}}\n\n";
        const ReplyMeter streamed = meter(Api::Responses, headOf(EventStream), {event});
        QVERIFY(streamed.usage() == (TokenUsage{50, 0, 0, 1300, 0, true}));
        QCOMPARE(streamed.completeness(), Completeness::Complete);
        const ReplyMeter whole = meter(Api::Responses, headOf(Json), {"{" + members + "}"});
        QVERIFY(whole.usage() == (TokenUsage{50, 0, 0, 1300, 0, true}));
        QCOMPARE(whole.completeness(), Completeness::Complete);
        QCOMPARE(whole.streamedTokens(), std::int64_t((members.size() + 2) / 4));
    }
    const QByteArray delta = "event: response.output_text.delta\ndata: {\"delta\":\"";
    const ReplyMeter untold = meter(Api::Responses, headOf(EventStream),
                                    {delta + "a\"}\n\n" + delta + QByteArray(4'000'001, 'b') + "\"}\n\n"});
    QCOMPARE(untold.streamedTokens(), std::int64_t(1 + 1 + 1'000'000));
}

void TestReplyMeter::survivesNonsense_data()
{
    QTest::addColumn<QByteArray>("data");
    QTest::newRow("deep") << QByteArray(100'000, '[');
    QTest::newRow("deep objects") << QByteArray("{\"a\":").repeated(50'000);
    QTest::newRow("no object") << QByteArray("[1,2,3]");
    QTest::newRow("usage is a list") << QByteArray("{\"usage\":[1],\"model\":5,\"choices\":{}}");
    QTest::newRow("lone surrogate") << QByteArray("{\"model\":\"\\ud800\"}");
    QTest::newRow("NUL") << QByteArray("{\"model\":\"a\0b\"}", 15);
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("long model") << "{\"model\":\"" + QByteArray(5000, 'm') + "\"}";
}

void TestReplyMeter::survivesNonsense()
{
    QFETCH(QByteArray, data);
    for (const Api api : {Api::Messages, Api::ChatCompletions, Api::Responses, Api::Embeddings}) {
        QVERIFY(!meter(api, headOf(Json), {data}).usage().known);
        for (const char *event : {"message_start", "message_delta", "response.completed", ""}) {
            const QByteArray stream = "event: " + QByteArray(event) + "\ndata: " + data + "\n\n";
            const ReplyMeter result = meter(api, headOf(EventStream), {stream});
            QVERIFY(!result.usage().known);
            QVERIFY(result.model().size() <= 1024);
        }
    }
}

QTEST_GUILESS_MAIN(TestReplyMeter)
#include "tst_reply_meter.moc"
