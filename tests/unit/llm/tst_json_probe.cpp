// SPDX-License-Identifier: GPL-3.0-or-later
// What is JSON and what is not, at which byte, and where the fields lie: for the fast reader with each set of
// instructions that this machine has, for the scanner, and against a slow reference.
#include "json_documents.h"
#include "json_reference.h"
#include "llm/json_index.h"
#include "llm/json_probe.h"
#include <QTest>

using namespace weir::llm;

namespace {

std::string_view viewOf(const QByteArray &bytes)
{
    return {bytes.constData(), std::size_t(bytes.size())};
}

QByteArray nested(qsizetype depth)
{
    return QByteArray(depth, '[') + QByteArray(depth, ']');
}

/// The fields of the row as text: name=value, in the order of JsonProbe.
QByteArray fieldsOf(const JsonProbe &probe, std::string_view body)
{
    QByteArray text;
    const auto add = [&](const char *name, JsonSpan span) {
        if (span.isHere())
            text += QByteArray(name) + "=" + QByteArray::fromStdString(std::string(span.in(body))) + ";";
    };
    add("model", probe.model);
    add("stream", probe.stream);
    add("user", probe.user);
    add("metadata", probe.metadata);
    add("user_id", probe.userId);
    add("options", probe.streamOptions);
    add("usage", probe.includeUsage);
    if (probe.messages + probe.inputs > 0)
        text += QByteArray::number(qulonglong(probe.messages)) + "+" +
                QByteArray::number(qulonglong(probe.inputs));
    return text;
}

/// Each body in memory of its own size, so that AddressSanitizer sees a byte read behind it.
JsonProbe probeTight(std::string_view body)
{
    const std::vector<char> tight(body.begin(), body.end());
    return probeJson({tight.data(), tight.size()});
}

} // namespace

class TestJsonProbe : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsFields_data();
    void findsFields();
    void readsTheModelsName_data();
    void readsTheModelsName();
    void agreesWithTheReference();
    void everyPrefixIsCut();
    void findsTheModelBehindTenMegabytes();
    void takesValuesByType();
    void givesTheMemoryBack();
};

void TestJsonProbe::findsFields_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("fields");
    const auto row = [](const char *name, const QByteArray &body, const QByteArray &fields) {
        QTest::newRow(name) << body << fields;
    };
    row("all of Anthropic's",
        R"({"model":"m","max_tokens":32000,"stream":true,"metadata":{"user_id":"u","x":[1]},)"
        R"("messages":[{"role":"user"},"x",[1,2]]})",
        R"(model="m";stream=true;metadata={"user_id":"u","x":[1]};user_id="u";3+0)");
    row("all of OpenAI's",
        R"({"user":"u","max_completion_tokens":5,"max_output_tokens":6,)"
        R"("stream_options":{"include_usage":true},"input":["a","b"]})",
        R"(user="u";options={"include_usage":true};usage=true;0+2)");
    row("an input that is a text", R"({"input":"a"})", "0+1");
    row("no elements", R"({"messages":[ ],"input":{}})", "");
    row("blanks do not belong to a value", " { \"model\" : \"m\" ,\n\"stream\" : true\t} ",
        R"(model="m";stream=true;)");
    row("of two the last", R"({"model":"a","model":"b","messages":[1,2],"messages":[3]})",
        R"(model="b";1+0)");
    row("of two objects all of the last",
        R"({"metadata":{"user_id":"a"},"metadata":{},"stream_options":{"include_usage":true},"stream_options":null})",
        "metadata={};options=null;");
    row("inside others they mean nothing",
        R"({"a":{"model":"no","stream":true},"b":["model","user"],"metadata":{"a":{"user_id":"no"}}})",
        R"(metadata={"a":{"user_id":"no"}};)");
    row("escaped keys", R"({"mod\u0065l":"m","\u0075ser":"u","us\/er":1,"metadata":{"user\u005Fid":2}})",
        R"(model="m";user="u";metadata={"user\u005Fid":2};user_id=2;)");
    row("a key longer than any that is looked for", "{\"" + QByteArray("\\u006d").repeated(1000) + "\":1}",
        "");
    row("brackets and quotes in texts", R"({"a":"}],\"model\":\"no\"","model":"m\\"})", R"(model="m\\";)");
    row("not of the usual type", R"({"model":{"a":[]},"stream":"yes","user":null,"metadata":7})",
        R"(model={"a":[]};stream="yes";user=null;metadata=7;)");
    row("behind a byte order mark", "\xEF\xBB\xBF{\"model\":\"m\"}", R"(model="m";)");
    row("an array has none", R"([{"model":"m"}])", "");
    row("a text has none", R"("model")", "");
    row("an empty object", "{}", "");
    row("nested as deep as may be", "{\"a\":" + nested(qsizetype(JsonNestingMax) - 1) + ",\"user\":1}",
        "user=1;");
}

void TestJsonProbe::findsFields()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, fields);
    const JsonProbe probe = probeTight(viewOf(body));
    QCOMPARE(int(probe.readability), int(Readability::Readable));
    QCOMPARE(fieldsOf(probe, viewOf(body)), fields);
}

void TestJsonProbe::readsTheModelsName_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<bool>("inspected");
    QTest::addColumn<QByteArray>("name"); // null: no text
    const auto row = [](const char *name, const QByteArray &value, bool inspected, const QByteArray &model) {
        QTest::newRow(name) << value << inspected << model;
    };
    row("plain", R"("claude-x")", true, "claude-x");
    row("empty", R"("")", true, "");
    row("escapes", R"("\u0063laude\/\"\\\n")", true, "claude/\"\\\n");
    row("NUL", R"("a\u0000b")", true, QByteArray("a\0b", 3));
    row("a pair of surrogates", R"("\uD83C\udf0a")", true, "\xF0\x9F\x8C\x8A");
    row("a lone surrogate", R"("\ud800")", true, "\xEF\xBF\xBD");
    row("two high ones", R"("\ud800\ud83c\udf0a")", true, "\xEF\xBF\xBD\xF0\x9F\x8C\x8A");
    row("a low one alone, and two bytes", R"("\udc00\u00fc\u20AC")", true,
        "\xEF\xBF\xBD\xC3\xBC\xE2\x82\xAC");
    row("as long as may be", '"' + QByteArray(qsizetype(ModelNameMax), 'm') + '"', true,
        QByteArray(qsizetype(ModelNameMax), 'm'));
    row("as long as may be, in escapes", '"' + QByteArray("\\u006d").repeated(qsizetype(ModelNameMax)) + '"',
        true, QByteArray(qsizetype(ModelNameMax), 'm'));
    row("too long", '"' + QByteArray(qsizetype(ModelNameMax) + 1, 'm') + '"', false, {});
    row("too long even to look", '"' + QByteArray(100'000, 'm') + '"', false, {});
    row("no text", "5", true, {});
    row("null", "null", true, {});
}

void TestJsonProbe::readsTheModelsName()
{
    QFETCH(QByteArray, value);
    QFETCH(bool, inspected);
    QFETCH(QByteArray, name);
    const QByteArray body = "{\"a\":1,\"model\":" + value + "}";
    const JsonProbe probe = probeTight(viewOf(body));
    QCOMPARE(int(probe.readability), int(inspected ? Readability::Readable : Readability::NotInspected));
    QCOMPARE(probe.modelName.has_value(), !name.isNull());
    QCOMPARE(QByteArray::fromStdString(probe.modelName.value_or("")), name.isNull() ? QByteArray("") : name);
    QCOMPARE(probe.model.isHere(), inspected);
}

void TestJsonProbe::agreesWithTheReference()
{
    reference::Documents documents(1);
    int valid = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::string whole = documents.body();
        const std::string body = round % 2 ? documents.damaged(whole) : whole;
        const reference::Parser expected(body);
        const JsonProbe probe = probeTight(body);
        QVERIFY2((probe.readability == Readability::Readable) == expected.isValid(), body.c_str());
        if (!expected.isValid()) {
            QVERIFY2(probe.faultOffset == expected.faultOffset(), body.c_str());
            continue;
        }
        ++valid;
        const auto compare = [&](std::string_view key, JsonSpan found) {
            const reference::Member *member = expected.last(key);
            return member ? found == JsonSpan{member->offset, member->value.size()} : !found.isHere();
        };
        QVERIFY2(compare("model", probe.model), body.c_str());
        QVERIFY2(compare("stream", probe.stream), body.c_str());
        QVERIFY2(compare("user", probe.user), body.c_str());
        QVERIFY2(compare("metadata", probe.metadata), body.c_str());
        QVERIFY2(compare("stream_options", probe.streamOptions), body.c_str());
        const reference::Member *model = expected.last("model");
        const bool isText = model && model->value.starts_with('"');
        QCOMPARE(probe.modelName.has_value(), isText);
        if (isText) // the reference reads keys, so the name is given to it as one
            QCOMPARE(*probe.modelName,
                     reference::Parser("{" + std::string(model->value) + ":0}").members().front().key);
    }
    QVERIFY2(valid > 10'000 && valid < 17'000, "the damage must damage");
}

void TestJsonProbe::everyPrefixIsCut()
{
    const std::string whole =
        "{\"a\":{\"b\":[1,{\"c\":\"}\\\"]\"}],\"d\":null},\"e\":[[],{}],\"f\":-1.5e3,\"g\":\"gr"
        "\xC3\xBC"
        "n\",\"h\":true,\"model\":\"\\u0041\"}";
    QVERIFY(probeTight(whole).readability == Readability::Readable);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const JsonProbe probe = probeTight(std::string_view(whole).substr(0, size));
        QCOMPARE(int(probe.readability), int(Readability::Invalid));
        QCOMPARE(probe.faultOffset, size);
        QVERIFY(!probe.model.isHere());
    }
}

void TestJsonProbe::findsTheModelBehindTenMegabytes()
{
    const QByteArray body = "{\"messages\":[{\"image\":\"" + QByteArray(10 * 1024 * 1024, 'A') + "\"}," +
                            QByteArray("{\"text\":\"\\u00fc\\n\"},").repeated(1000) + "0],\"model\":\"m\"}";
    const JsonProbe probe = probeJson(viewOf(body));
    QCOMPARE(probe.model.offset, std::size_t(body.size()) - 4);
    QCOMPARE(probe.messages, std::size_t(1002));
}

void TestJsonProbe::takesValuesByType()
{
    const std::string body = R"(["a\tb",true,12,-9223372036854775809,99999999999999999999,1.5,null])";
    const auto at = [&body](std::string_view value) { return JsonSpan{body.find(value), value.size()}; };
    QCOMPARE(textAt(body, at(R"("a\tb")")), std::optional<std::string>("a\tb"));
    QCOMPARE(boolAt(body, at("true")), std::optional<bool>(true));
    QVERIFY(!boolAt(body, at("12")) && !boolAt(body, {}));
    QVERIFY(!textAt(body, at("true")) && !textAt(body, {}));
}

void TestJsonProbe::givesTheMemoryBack()
{
    const JsonIndex &index = JsonIndex::ofThisThread();
    probeJson("{\"a\":\"" + std::string(JsonIndex::KeptBytesMax - 8, 'x') + "\"}");
    QCOMPARE(index.capacity(), JsonIndex::KeptBytesMax);
    probeJson("{\"a\":\"" + std::string(JsonIndex::KeptBytesMax, 'x') + "\"}");
    QCOMPARE(index.capacity(), std::size_t(0));
    QVERIFY(probeJson("{}").readability == Readability::Readable); // and it goes on working
}

QTEST_GUILESS_MAIN(TestJsonProbe)
#include "tst_json_probe.moc"
