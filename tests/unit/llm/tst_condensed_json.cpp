// SPDX-License-Identifier: GPL-3.0-or-later
// Every text is also appended byte by byte and cut at each position: what is left must be the same.
#include "llm/condensed_json.h"
#include "llm/json_fields.h"
#include <QTest>

using weir::llm::CondensedJson;

namespace {

std::string condensed(const std::vector<QByteArray> &pieces, std::size_t from)
{
    CondensedJson json(from);
    for (const QByteArray &piece : pieces)
        json.append({piece.constData(), std::size_t(piece.size())});
    return std::string(json.text());
}

QByteArray letters(std::size_t count)
{
    return QByteArray(qsizetype(count), 'x');
}

} // namespace

class TestCondensedJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsWhatIsSmall();
    void shortens_data();
    void shortens();
    void megabytesCostLittle();
    void isEmptiedForTheNextText();
};

void TestCondensedJson::keepsWhatIsSmall()
{
    const QByteArray text = "  {\"a\" :\t[1, 2],\n\"b\":\"" + letters(9000) + "\"} ";
    CondensedJson json(std::size_t(text.size()));
    json.append({text.constData(), std::size_t(text.size())});
    QCOMPARE(QByteArray::fromStdString(std::string(json.text())), text);
    QCOMPARE(json.size(), std::size_t(text.size()));
}

void TestCondensedJson::shortens_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("left");
    const auto row = [](const char *name, const QByteArray &text, const QByteArray &left) {
        QTest::newRow(name) << text << left;
    };
    constexpr std::size_t Kept = CondensedJson::StringKept;
    row("nothing to shorten", R"({"a":[{"b":1},{"c":"d\"\\e"}],"f":null})",
        R"({"a":[{"b":1},{"c":"d\"\\e"}],"f":null})");
    row("blanks", "{ \n\t\"a\" :  1 }", "{ \"a\" : 1 }");
    row("a list of numbers", R"({"a":[1.5,-2,3e5],"b":2})", R"({"a":[1.5],"b":2})");
    row("a list of texts", R"({"a":["]","}",","],"b":2})", R"({"a":["]"],"b":2})");
    row("a list of lists", R"([[1,2],[3,4]])", R"([[1],[3]])");
    row("a list that goes on with an object", R"([{},7,{"a":[1]},"b"])", R"([{},7])");
    row("an empty list", "[[],{}]", "[[],{}]");
    row("deep", R"([[[[[[[[[{"a":"]"},2]]]]]]]],3])", "[[[[[[[[[]]]]]]]],3]");
    row("a string as long as may be", "\"" + letters(Kept) + "\"", "\"" + letters(Kept) + "\"");
    row("a string that is longer", "{\"a\":\"" + letters(Kept + 1) + "\",\"b\":1}",
        "{\"a\":\"" + letters(Kept) + "\",\"b\":1}");
    row("a letter is not cut in two", "\"" + letters(Kept - 1) + "\xC3\xA4\"",
        "\"" + letters(Kept - 1) + "\"");
    row("neither is an escape", "\"" + letters(Kept - 1) + "\\n\"", "\"" + letters(Kept - 1) + "\"");
    row("nothing follows what was cut", "\"" + letters(Kept - 1) + "\\u00e4yz\"",
        "\"" + letters(Kept - 1) + "\"");
    row("a quote in an escape ends nothing", R"({"a":"\"\\\"","b":"\u0022"})",
        R"({"a":"\"\\\"","b":"\u0022"})");
    row("cut off in a string", R"({"a":"b)", R"({"a":"b)");
    row("cut off in a list", R"({"a":[1,2)", R"({"a":[1)");
    row("no JSON", "a  b]}c", "a b]}c");
    row("too deep for anyone", QByteArray(2000, '['), QByteArray(9, '['));
}

void TestCondensedJson::shortens()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, left);
    const std::string wanted = left.toStdString();
    QCOMPARE(condensed({text}, 0), wanted);
    std::vector<QByteArray> single;
    for (const char byte : text)
        single.push_back(QByteArray(1, byte));
    QCOMPARE(condensed(single, 0), wanted);
    for (qsizetype at = 1; at < text.size(); ++at)
        QVERIFY2(condensed({text.left(at), text.mid(at)}, 0) == wanted, QByteArray::number(at).constData());
}

void TestCondensedJson::megabytesCostLittle()
{
    CondensedJson json;
    json.append(R"({"data":[{"embedding":[0.1)");
    for (int i = 0; i < 1'000'000; ++i)
        json.append(",-0.0123456789");
    json.append(R"(]},{"b64_json":")");
    for (int i = 0; i < 1000; ++i)
        json.append(std::string(10'000, 'A'));
    json.append(R"("}],"usage":{"total_tokens":7}})");
    QVERIFY(json.size() > 20'000'000);
    QVERIFY(json.text().size() < 10'000);
    QVERIFY(json.text().ends_with(R"("}],"usage":{"total_tokens":7}})"));
    QVERIFY(weir::llm::isClosedJson(json.text()));
}

void TestCondensedJson::isEmptiedForTheNextText()
{
    CondensedJson json(4);
    json.append(R"(["a)");
    json.append(R"(bc)"); // condensed from here on, and inside a string
    json.clear();
    QCOMPARE(json.size(), std::size_t(0));
    json.append("[  ]");
    QCOMPARE(std::string(json.text()), std::string("[  ]"));
}

QTEST_GUILESS_MAIN(TestCondensedJson)
#include "tst_condensed_json.moc"
