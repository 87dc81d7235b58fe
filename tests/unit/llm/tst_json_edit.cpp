// SPDX-License-Identifier: GPL-3.0-or-later
#include "json_documents.h"
#include "json_reference.h"
#include "llm/body_bytes.h"
#include "llm/json_edit.h"
#include "llm/json_string.h"
#include <QTest>

using namespace weir::llm;

namespace {

/// The pieces as one, which must be as long as was said.
QByteArray whole(const JsonEdit &edit)
{
    const QByteArray all = joined(edit.pieces());
    return all.size() == edit.size() ? all : QByteArray("wrong size");
}

} // namespace

class TestJsonEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void replaces_data();
    void replaces();
    void inserts_data();
    void inserts();
    void changesSeveralValues();
    void changesTheModelAndNothingElse();
    void copiesNothing();
    void outlivesTheBody();
    void quotes_data();
    void quotes();
};

void TestJsonEdit::replaces_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<QByteArray>("edited");
    const auto row = [](const char *name, const QByteArray &body, const QByteArray &model,
                        const QByteArray &edited) { QTest::newRow(name) << body << model << edited; };
    row("in the middle", R"({"a":1,"model":"m","b":2})", "longer", R"({"a":1,"model":"longer","b":2})");
    row("shorter", R"({"model":"a longer one"})", "m", R"({"model":"m"})");
    row("by nothing", R"({"model":"m"})", "", R"({"model":""})");
    row("with odd blanks kept", " {\n\"model\" :\t\"m\" ,\"a\":1 }\n", "x",
        " {\n\"model\" :\t\"x\" ,\"a\":1 }\n");
    row("with escapes", R"({"mod\u0065l":"\u006d\"","a":"\u00fc"})", "a\"\\\n\x01",
        R"({"mod\u0065l":"a\"\\\u000a\u0001","a":"\u00fc"})");
    row("of two the last", R"({"model":"a","model":"b"})", "x", R"({"model":"a","model":"x"})");
    row("that is no text", R"({"model":[1,{"a":2}]})", "x", R"({"model":"x"})");
    row("that names itself elsewhere", R"({"a":"\"model\":\"m\"","model":"m","b":["model","m"]})", "x",
        R"({"a":"\"model\":\"m\"","model":"x","b":["model","m"]})");
    row("behind a byte order mark", "\xEF\xBB\xBF{\"model\":\"m\"}", "x", "\xEF\xBB\xBF{\"model\":\"x\"}");
}

void TestJsonEdit::replaces()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, model);
    QFETCH(QByteArray, edited);
    JsonEdit edit(body);
    edit.replace(probeJson(viewOf(body)).model, jsonString(viewOf(model)));
    QCOMPARE(whole(edit), edited);
}

void TestJsonEdit::inserts_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("once");
    QTest::addColumn<QByteArray>("twice");
    QTest::newRow("before others") << QByteArray(R"({"a":1})") << QByteArray(R"({"model":"m","a":1})")
                                   << QByteArray(R"({"n":0,"model":"m","a":1})");
    QTest::newRow("alone") << QByteArray("{}") << QByteArray(R"({"model":"m"})")
                           << QByteArray(R"({"n":0,"model":"m"})");
    QTest::newRow("among blanks") << QByteArray(" { \n} ") << QByteArray(" {\"model\":\"m\" \n} ")
                                  << QByteArray(" {\"n\":0,\"model\":\"m\" \n} ");
    QTest::newRow("behind a byte order mark")
        << QByteArray("\xEF\xBB\xBF{ \"a\":1}") << QByteArray("\xEF\xBB\xBF{\"model\":\"m\", \"a\":1}")
        << QByteArray("\xEF\xBB\xBF{\"n\":0,\"model\":\"m\", \"a\":1}");
}

void TestJsonEdit::inserts()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, once);
    QFETCH(QByteArray, twice);
    const JsonSpan object = probeJson(viewOf(body)).object;
    JsonEdit edit(body);
    edit.insertMember(object, "model", "\"m\"");
    QCOMPARE(whole(edit), once);
    edit.insertMember(object, "n", "0");
    QCOMPARE(whole(edit), twice);
    QVERIFY(probeJson(viewOf(whole(edit))).readability == Readability::Readable);
}

void TestJsonEdit::changesSeveralValues()
{
    const QByteArray body = R"({"stream":true,"max_tokens":5,"metadata":{},"model":"m"})";
    const JsonProbe probe = probeJson(viewOf(body));
    JsonEdit edit(body);
    QVERIFY(edit.isEmpty());
    QCOMPARE(whole(edit), body);
    edit.replace(probe.model, "\"first word\"");
    edit.replace(probe.stream, "false");
    edit.insertMember(probe.metadata, "user_id", "\"u\"");
    edit.insertMember(probe.object, "n", "0");
    edit.replace(probe.model, "\"last word\"");
    QVERIFY(!edit.isEmpty());
    QCOMPARE(whole(edit),
             R"({"n":0,"stream":false,"max_tokens":5,"metadata":{"user_id":"u"},"model":"last word"})");
}

void TestJsonEdit::changesTheModelAndNothingElse()
{
    reference::Documents documents(3);
    int edits = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::string json = documents.body();
        const std::string value = documents.string();
        std::vector<QByteArray> pieces;
        for (const std::string_view piece : documents.pieces(json))
            pieces.push_back(QByteArray(piece.data(), qsizetype(piece.size())));
        const QByteArray body = joined(pieces);
        const reference::Parser parser(json);
        const reference::Member *model = parser.last("model");
        const JsonProbe probe = probeJson(viewOf(body));
        QCOMPARE(probe.model.isHere(), model != nullptr);
        JsonEdit edit(body);
        std::string expected = json;
        if (model) {
            edit.replace(probe.model, value);
            expected.replace(model->offset, model->value.size(), value);
            ++edits;
        } else {
            edit.insertMember(probe.object, "model", value);
            const std::size_t at = json.find('{') + 1;
            expected.insert(at, "\"model\":" + value + (parser.members().empty() ? "" : ","));
        }
        QCOMPARE(whole(edit).toStdString(), expected);
        QVERIFY2(reference::Parser(expected).isValid(), expected.c_str());
    }
    QVERIFY(edits > 5'000 && edits < 19'000); // both ways are gone
}

void TestJsonEdit::copiesNothing()
{
    const QByteArray body = R"({"a":1,"model":"m","messages":[]})";
    JsonEdit edit(body);
    edit.replace(probeJson(viewOf(body)).model, "\"x\"");
    const std::vector<QByteArray> pieces = edit.pieces();
    QCOMPARE(pieces.size(), std::size_t(3));
    QCOMPARE(static_cast<const void *>(pieces[0].constData()), static_cast<const void *>(body.constData()));
    QCOMPARE(static_cast<const void *>(pieces[2].constData()),
             static_cast<const void *>(body.constData() + body.indexOf(",\"messages")));
    const QByteArray one = joined({body});
    QCOMPARE(static_cast<const void *>(one.constData()), static_cast<const void *>(body.constData()));
}

void TestJsonEdit::outlivesTheBody()
{
    std::vector<QByteArray> pieces;
    {
        QByteArray body = QByteArray(200, ' ') + R"({"model":"m","a":1})";
        body.remove(0, 150); // so that it does not begin where its memory does
        JsonEdit edit(std::move(body));
        edit.replace({59, 3}, "\"x\"");
        pieces = edit.pieces();
    }
    QCOMPARE(joined(pieces), QByteArray(50, ' ') + R"({"model":"x","a":1})");
    pieces.back().append("!"); // and a piece can be changed without the others
    QCOMPARE(pieces.back(), QByteArray(",\"a\":1}!"));
    QCOMPARE(pieces.front(), QByteArray(50, ' ') + "{\"model\":");
}

void TestJsonEdit::quotes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("plain") << QByteArray("claude-x") << QByteArray("\"claude-x\"");
    QTest::newRow("empty") << QByteArray("") << QByteArray("\"\"");
    QTest::newRow("quote and backslash") << QByteArray("a\"b\\c/") << QByteArray(R"("a\"b\\c/")");
    QTest::newRow("control characters")
        << QByteArray("\0\n\x1F\x7F", 4) << QByteArray("\"\\u0000\\u000a\\u001f\x7F\"");
    QTest::newRow("UTF-8") << QByteArray("gr\xC3\xBC\xF0\x9F\x8C\x8A")
                           << QByteArray("\"gr\xC3\xBC\xF0\x9F\x8C\x8A\"");
}

void TestJsonEdit::quotes()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, json);
    QCOMPARE(QByteArray::fromStdString(jsonString(viewOf(text))), json);
    QCOMPARE(QByteArray::fromStdString(unescaped(viewOf(json).substr(1, std::size_t(json.size()) - 2))),
             text);
}

QTEST_GUILESS_MAIN(TestJsonEdit)
#include "tst_json_edit.moc"
