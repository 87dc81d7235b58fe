// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/text.h"
#include <QTest>

using namespace weir::exchanges;

class TestText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
    void readsNamesOnly();
    void writesWhatItReads();
};

void TestText::reads_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *what, const QByteArray &text, const QByteArray &bytes) {
        QTest::newRow(what) << text << bytes;
    };
    row("nothing", "", "");
    row("as it is", R"({"model":"m", "n":[1,{}]})", R"({"model":"m", "n":[1,{}]})");
    row("ends of lines", R"(a\r\nb\tc)", "a\r\nb\tc");
    row("a backslash", R"(\\n)", "\\n");
    row("any byte", R"(\x00\xfF)", QByteArray("\0\xff", 2));
    row("repeated", "<{3 * ab}>", "<ababab>");
    row("a repeated escape", R"({2 * \r\n})", "\r\n\r\n");
    row("repeated not at all", "{0 * a}", "");
    row("a name", "Bearer {key}!", "Bearer weir_1!");
    row("a name with a space", "{key 2}", "weir_2");
    row("braces around no name", "{Key} {1} {} {a", "{Key} {1} {} {a");
}

void TestText::reads()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, bytes);
    QByteArray problem;
    const Text read = Text::read(text, problem);
    QCOMPARE(problem, QByteArray());
    QCOMPARE(read.bytes({{"key", "weir_1"}, {"key 2", "weir_2"}}), bytes);
}

void TestText::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("why");
    QTest::newRow("an escape of JSON") << QByteArray(R"(\u00fc)") << QByteArray(R"('\u' is no escape)");
    QTest::newRow("one digit") << QByteArray(R"(\x1)") << QByteArray(R"('\x' is no escape)");
    QTest::newRow("no digits") << QByteArray(R"(\xgg)") << QByteArray(R"('\x' is no escape)");
    QTest::newRow("at the end") << QByteArray("a\\") << QByteArray("is no escape");
    QTest::newRow("in what is repeated") << QByteArray(R"({2 * \q})") << QByteArray(R"('\q' is no escape)");
    QTest::newRow("too much") << QByteArray("{67108865 * a}") << QByteArray("67108864 bytes at most");
}

void TestText::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, why);
    QByteArray problem;
    QVERIFY(Text::read(text, problem).isEmpty());
    QVERIFY2(problem.contains(why), problem.constData());
}

void TestText::readsNamesOnly()
{
    const Text read = Text::readNames("base = '{upstream url}\\n{3 * a}' # {}");
    QCOMPARE(read.namesUsed(), std::vector<QByteArray>{"upstream url"});
    QCOMPARE(read.bytes({{"upstream url", "http://x"}}), QByteArray("base = 'http://x\\n{3 * a}' # {}"));
}

void TestText::writesWhatItReads()
{
    const QByteArray bytes("a\\b\r\n\t\0\x7f", 8);
    QByteArray problem;
    QCOMPARE(Text::read(written(bytes), problem).bytes({}), bytes);
    QCOMPARE(written("abcdef", 3), QByteArray("abc … (6 bytes)"));
}

QTEST_APPLESS_MAIN(TestText)
#include "tst_text.moc"
