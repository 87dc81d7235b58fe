// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/table.h"
#include "report/text.h"
#include "sample_report.h"
#include <QStringList>
#include <QTest>

using namespace weir::report;

namespace {

QStringList linesOf(const Report &report, int columns)
{
    return QString::fromStdString(toText(report, columns)).split(u'\n');
}

/// The words of the line that begins with `first`, after the line that is `after`.
QStringList row(const QStringList &lines, const QString &after, const QString &first)
{
    const qsizetype start = after.isEmpty() ? 0 : lines.indexOf(after);
    for (qsizetype index = std::max<qsizetype>(start, 0); start >= 0 && index < lines.size(); ++index) {
        const QStringList words = lines.at(index).simplified().split(u' ');
        if (words.constFirst() == first)
            return words;
    }
    return {};
}

} // namespace

class TestTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void putsRatiosBeforeMeasuredValues();
    void comparesNoProxyWithTheProvidersOwnUse();
    void showsFailuresBrokenArmsAndNotes();
    void fitsIntoAnyWidth_data();
    void fitsIntoAnyWidth();
    void losesNothingWhenNarrow();
    void letsNoNameMoveTheCursor();
    void measuresText_data();
    void measuresText();
    void wrapsLongWords();
};

void TestTable::putsRatiosBeforeMeasuredValues()
{
    const QStringList lines = linesOf(sampleReport(), 120);
    const auto weirOver = QStringLiteral("weir");
    QCOMPARE(row(lines, QStringLiteral("against nginx"), weirOver).mid(1, 2),
             (QStringList{QStringLiteral("0.50×"), QStringLiteral("1.46×")}));
    QCOMPARE(row(lines, QStringLiteral("against direct"), weirOver).mid(1, 2),
             (QStringList{QStringLiteral("0.20×"), QStringLiteral("2.72×")}));
    // p99.9 is absent everywhere, and direct has no sample count.
    QCOMPARE(row(lines, QStringLiteral("measured"), QStringLiteral("direct")),
             QStringLiteral("direct 92,100 60 – – 0").split(u' '));
    QCOMPARE(row(lines, QStringLiteral("measured"), weirOver),
             QStringLiteral("weir 18,420 163 – 5,000 3").split(u' '));
    QVERIFY(lines.indexOf(QStringLiteral("against nginx")) < lines.indexOf(QStringLiteral("against direct")));
    QVERIFY(lines.indexOf(QStringLiteral("against direct")) < lines.indexOf(QStringLiteral("measured")));
}

void TestTable::comparesNoProxyWithTheProvidersOwnUse()
{
    Report report = sampleReport();
    for (int arm = 0; arm < 3; ++arm)
        report.sections[0].arms[std::size_t(arm)].figures = {
            {"cpu_per_request", "us", Better::Lower, 10.0 + arm, {}},
            {"rss", "bytes", Better::Lower, 1e7 + arm, {}}};
    const QString text = QString::fromStdString(toText(report, 120));
    QVERIFY(text.contains(QStringLiteral("against nginx")));
    QVERIFY(!text.contains(QStringLiteral("against direct")));
}

void TestTable::showsFailuresBrokenArmsAndNotes()
{
    const QString text = QString::fromStdString(toText(sampleReport(), 120));
    QVERIFY(text.contains(QStringLiteral("  caddy: broken, caddy ended with signal 9 after 1.2 s\n")));
    QVERIFY(text.contains(QStringLiteral("  • Generator and provider share the two cores.\n")));
    QVERIFY(text.contains(QStringLiteral(" failed\n")));
    QVERIFY(text.contains(QStringLiteral("Interrupted")));
    QVERIFY(text.contains(QStringLiteral("nothing was measured")));
    QVERIFY(text.contains(QStringLiteral("0123456789ab-dirty")));
    QVERIFY(text.contains(QStringLiteral("nginx: nginx/1.22.1\n")));
    QVERIFY(!text.contains(QStringLiteral("no release build")));

    Report debug = sampleReport();
    debug.buildType = "Debug";
    debug.interrupted = false;
    debug.sections[0].arms[1].failures = 0;
    const QString calm = QString::fromStdString(toText(debug, 120));
    QVERIFY(calm.contains(QStringLiteral("no release build")));
    QVERIFY(!calm.contains(QStringLiteral("failed")));
    QVERIFY(!calm.contains(QStringLiteral("Interrupted")));
}

void TestTable::fitsIntoAnyWidth_data()
{
    QTest::addColumn<int>("columns");
    for (const int columns : {40, 80, 120, 200})
        QTest::addRow("%d columns", columns) << columns;
}

void TestTable::fitsIntoAnyWidth()
{
    QFETCH(int, columns);
    Report report = sampleReport();
    ArmResult &weir = report.sections[0].arms[1];
    weir.arm = "ein sehr langer Name 日本語のプロキシ für einen Proxy";
    for (int index = 0; index < 20; ++index)
        weir.figures.push_back(
            {"figure_with_a_long_name_" + std::to_string(index), "us", Better::Lower, index, {}});
    int widest = 0;
    for (const QString &line : linesOf(report, columns))
        widest = std::max(widest, columnsOf(line.toStdString()));
    QVERIFY2(widest <= columns, qPrintable(QString::number(widest)));
    QVERIFY(widest > columns * 3 / 4);
}

void TestTable::losesNothingWhenNarrow()
{
    Report report = sampleReport();
    for (int index = 0; index < 20; ++index)
        report.sections[0].arms[1].figures.push_back(
            {"f" + std::to_string(index), "", Better::Lower, 1000 + index, {}});
    const QString narrow = QString::fromStdString(toText(report, 40));
    for (int index = 0; index < 20; ++index)
        QVERIFY(narrow.contains(QStringLiteral(" 1,%1").arg(index, 3, 10, QLatin1Char('0'))));
}

void TestTable::letsNoNameMoveTheCursor()
{
    Report report = sampleReport();
    report.command = "weir-bench \x1b]0;title\x07";
    report.sections[0].arms[1].arm = "we\x1b[31mir\xff\n";
    report.sections[0].arms[3].broken = "gone\r\x1b[2K";
    report.sections[0].title = "a\tb\u202e";
    const std::string text = toText(report, 120);
    for (const char byte : {'\x1b', '\r', '\t', '\x07', '\xff'})
        QVERIFY(text.find(byte) == std::string::npos);
    QVERIFY(text.find("we?[31mir??") != std::string::npos);
    QVERIFY(text.find("\u202e") == std::string::npos);
}

void TestTable::measuresText_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("columns");
    QTest::newRow("nothing") << QByteArray() << 0;
    QTest::newRow("letters") << QByteArray("abc") << 3;
    QTest::newRow("two bytes, one column") << QByteArray("µs ×–") << 5;
    QTest::newRow("wide letters") << QByteArray("日本") << 4;
    QTest::newRow("an emoji") << QByteArray("🚀") << 2;
    QTest::newRow("a combining mark") << QByteArray("e\xcc\x81") << 1;
    QTest::newRow("no UTF-8: one column a byte") << QByteArray("\xff\xfe") << 2;
    QTest::newRow("a cut character") << QByteArray("\xe6\x97") << 2;
    QTest::newRow("an overlong form") << QByteArray("\xc0\xaf") << 2;
}

void TestTable::measuresText()
{
    QFETCH(QByteArray, text);
    QFETCH(int, columns);
    const std::string bytes = text.toStdString();
    QCOMPARE(columnsOf(bytes), columns);
    QCOMPARE(abbreviated(bytes, columns), bytes);
    QCOMPARE(columnsOf(padLeft(bytes, 10)), 10);
    QCOMPARE(columnsOf(padRight(bytes, 10)), 10);
    for (int width = 0; width < columns; ++width) {
        QVERIFY(columnsOf(abbreviated(bytes, width)) <= width);
        QVERIFY(width == 0 || abbreviated(bytes, width).ends_with("…"));
    }
}

void TestTable::wrapsLongWords()
{
    using Lines = std::vector<std::string>;
    QCOMPARE(wrapped("", 5), Lines{""});
    QCOMPARE(wrapped("one two", 7), Lines{"one two"});
    QCOMPARE(wrapped("one two", 6), (Lines{"one", "two"}));
    QCOMPARE(wrapped("one two", 3), (Lines{"one", "two"}));
    QCOMPARE(wrapped("abcdefg", 3), (Lines{"abc", "def", "g"}));
    QCOMPARE(wrapped("日本語", 1), (Lines{"日", "本", "語"}));
}

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table.moc"
