// SPDX-License-Identifier: GPL-3.0-or-later
// Every body is fed whole, byte by byte and cut at each position: what is sent on must be the same.
#include "json_documents.h"
#include "json_reference.h"
#include "llm/body_bytes.h"
#include "llm/json_string.h"
#include "llm/model_stream.h"
#include <QTest>

using namespace weir::llm;

namespace {

/// Sends "<name>!" for each model, and "added" where none came.
class Collector final : public ModelStream::Output
{
public:
    void onBytes(QByteArray bytes) override
    {
        isEverEmpty |= bytes.isEmpty();
        sent += bytes;
    }
    std::optional<std::string> onModel(std::string_view model) override
    {
        return model == "keep" ? std::nullopt : std::optional(std::string(model) + "!");
    }
    std::optional<std::string> onNoModel() override
    {
        return adds ? std::optional<std::string>("added") : std::nullopt;
    }
    QByteArray sent;
    bool adds = true;
    bool isEverEmpty = false;
};

struct Outcome
{
    QByteArray sent;
    Readability readability = Readability::Readable;
    std::size_t faultOffset = 0;
    std::size_t models = 0;
    bool operator==(const Outcome &) const = default;
};

Outcome edit(const std::vector<std::string_view> &pieces, bool adds = true)
{
    Collector collector;
    collector.adds = adds;
    ModelStream stream(collector);
    qsizetype came = 0;
    for (const std::string_view piece : pieces) {
        // What is sent may share the chunk's memory, so it is changed as soon as nobody else holds it.
        stream.feed(QByteArray(piece.data(), qsizetype(piece.size())));
        came += qsizetype(piece.size());
        if (came - collector.sent.size() > qsizetype(ModelTextMax))
            return {"held back too much"};
    }
    stream.finish();
    if (collector.isEverEmpty)
        return {"sent nothing"};
    return {collector.sent, stream.readability(), stream.faultOffset(), stream.models()};
}

std::vector<std::string_view> byteByByte(std::string_view body)
{
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < body.size(); ++at)
        pieces.push_back(body.substr(at, 1));
    return pieces;
}

} // namespace

class TestModelStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void edits_data();
    void edits();
    void editsModelsAndNothingElse();
    void leavesABodyWithoutModelAlone();
    void passesChunksOnUncopied();
};

void TestModelStream::edits_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("sent");
    QTest::addColumn<int>("readability");
    QTest::addColumn<int>("faultOffset");
    QTest::addColumn<int>("models");
    const auto row = [](const char *name, const QByteArray &body, const QByteArray &sent, int models,
                        Readability readability = Readability::Readable, int faultOffset = 0) {
        QTest::newRow(name) << body << sent << int(readability) << faultOffset << models;
    };
    row("in the middle", R"({"a":1,"model":"m","b":[]})", R"({"a":1,"model":"m!","b":[]})", 1);
    row("left as it is, escapes and all", R"({"model":"\u006beep"})", R"({"model":"\u006beep"})", 1);
    row("with escapes", R"({"\u006dodel":"\"\u00fc","a":"\u00fc"})",
        "{\"\\u006dodel\":\"\\\"\xC3\xBC!\",\"a\":\"\\u00fc\"}", 1);
    row("twice", R"({"model":"a","model":"b"})", R"({"model":"a!","model":"b!"})", 2);
    row("no text", R"({"model":5,"a":"m"})", R"({"model":5,"a":"m"})", 1);
    row("a list of texts", R"({"model":["m"]})", R"({"model":["m"]})", 1);
    row("only inside others", R"({"a":{"model":"m"},"b":[{"model":"m"}]})",
        R"({"a":{"model":"m"},"b":[{"model":"m"}],"model":"added"})", 0);
    row("keys that look like it", R"({"models":"m","Model":"m","mode":"m","model\u0000":"m"})",
        R"({"models":"m","Model":"m","mode":"m","model\u0000":"m","model":"added"})", 0);
    row("a long key", "{\"" + QByteArray(1000, 'm') + "\":\"m\"}",
        "{\"" + QByteArray(1000, 'm') + "\":\"m\",\"model\":\"added\"}", 0);
    row("none in an empty object", " { } ", R"( { "model":"added"} )", 0);
    row("an array", R"([{"model":"m"}])", R"([{"model":"m"}])", 0);
    row("a text", R"("model")", R"("model")", 0);
    row("behind a byte order mark", "\xEF\xBB\xBF{\"model\":\"m\"}", "\xEF\xBB\xBF{\"model\":\"m!\"}", 1);
    row("blanks", "{ \"model\" :\n \"m\" }", "{ \"model\" :\n \"m!\" }", 1);
    row("NUL in the name", R"({"model":"a\u0000"})", R"({"model":"a\u0000!"})", 1);
    const QByteArray longest(qsizetype(ModelNameMax), 'm');
    row("as long as may be", "{\"model\":\"" + longest + "\"}", "{\"model\":\"" + longest + "!\"}", 1);
    const QByteArray escaped = QByteArray("\\u006d").repeated(qsizetype(ModelNameMax));
    row("as long as may be, in escapes", "{\"model\":\"" + escaped + "\"}",
        "{\"model\":\"" + longest + "!\"}", 1);
    const QByteArray tooLong = "{\"model\":\"" + longest + "m\",\"model\":\"m\"}";
    row("too long", tooLong, tooLong, 1, Readability::NotInspected, 9);
    const QByteArray muchTooLong = "{\"model\":\"" + QByteArray(3 * qsizetype(ModelTextMax), 'm') + "\n\"}";
    row("too long to be held, faulty or not", muchTooLong, muchTooLong, 1, Readability::NotInspected, 9);
    const QByteArray deep = R"({"model":"a","b":)" + QByteArray(1024, '[') + R"(,"model":"a"})";
    row("nested too deep", deep, QByteArray(deep).replace(R"({"model":"a")", R"({"model":"a!")"), 1,
        Readability::NotInspected, 17 + 1023);
    row("faulty", R"({"model":"a",x"model":"b"})", R"({"model":"a!",x"model":"b"})", 1, Readability::Invalid,
        13);
    row("faulty in the name", "{\"model\":\"a\\x\"}", "{\"model\":\"a\\x\"}", 1, Readability::Invalid, 12);
    row("text behind it", R"({"model":"a"}{"model":"b"})", R"({"model":"a!"}{"model":"b"})", 1,
        Readability::Invalid, 13);
    row("cut in the name", R"({"model":"ab)", R"({"model":"ab)", 1, Readability::Invalid, 12);
    row("cut behind the name", R"({"model":"ab")", R"({"model":"ab!")", 1, Readability::Invalid, 13);
    row("nothing", "", "", 0, Readability::Invalid, 0);
}

void TestModelStream::edits()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, sent);
    QFETCH(int, readability);
    QFETCH(int, faultOffset);
    QFETCH(int, models);
    const std::string_view text = viewOf(body);
    const Outcome outcome = edit({text});
    QCOMPARE(outcome.sent, sent);
    QCOMPARE(int(outcome.readability), readability);
    QCOMPARE(int(outcome.faultOffset), faultOffset);
    QCOMPARE(int(outcome.models), models);
    QVERIFY(edit(byteByByte(text)) == outcome);
    for (std::size_t at = 1; at < text.size(); ++at)
        QVERIFY2(edit({text.substr(0, at), text.substr(at)}) == outcome, std::to_string(at).c_str());
}

void TestModelStream::editsModelsAndNothingElse()
{
    reference::Documents documents(4);
    std::size_t edits = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::string json = round % 3 ? documents.body() : documents.damaged(documents.body());
        const reference::Parser parser(json);
        std::string expected = json;
        std::size_t models = 0;
        const std::vector<reference::Member> &members = parser.members();
        for (auto member = members.rbegin(); member != members.rend(); ++member) {
            if (member->key != "model")
                continue;
            ++models;
            if (!member->value.starts_with('"'))
                continue;
            const std::string name =
                reference::Parser("{" + std::string(member->value) + ":0}").members()[0].key;
            expected.replace(member->offset, member->value.size(), jsonString(name + "!"));
            ++edits;
        }
        const Outcome outcome = edit(documents.pieces(json), false);
        QCOMPARE(outcome.sent.toStdString(), expected);
        QCOMPARE(outcome.readability == Readability::Readable, parser.isValid());
        QVERIFY(parser.isValid() ? outcome.models == models : outcome.faultOffset == parser.faultOffset());
        QVERIFY(edit({json}, false) == outcome);
    }
    QVERIFY(edits > 5'000);
}

void TestModelStream::leavesABodyWithoutModelAlone()
{
    const std::string body = R"({"a":1})";
    QCOMPARE(edit({body}, false).sent, QByteArray(R"({"a":1})"));
    QCOMPARE(edit({body}, true).sent, QByteArray(R"({"a":1,"model":"added"})"));
}

void TestModelStream::passesChunksOnUncopied()
{
    class Last final : public ModelStream::Output
    {
    public:
        void onBytes(QByteArray bytes) override { last = std::move(bytes); }
        std::optional<std::string> onModel(std::string_view) override { return "x"; }
        std::optional<std::string> onNoModel() override { return std::nullopt; }
        QByteArray last;
    } output;
    ModelStream stream(output);
    const QByteArray first = R"({"model":"m","image":")";
    stream.feed(first);
    QCOMPARE(static_cast<const void *>(output.last.constData()),
             static_cast<const void *>(first.constData() + 12));
    const QByteArray second(100'000, 'A');
    stream.feed(second);
    QCOMPARE(static_cast<const void *>(output.last.constData()),
             static_cast<const void *>(second.constData()));
}

QTEST_GUILESS_MAIN(TestModelStream)
#include "tst_model_stream.moc"
