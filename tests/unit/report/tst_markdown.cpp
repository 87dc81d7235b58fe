// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/markdown.h"
#include "sample_report.h"
#include <QStringList>
#include <QTest>

using namespace weir::report;

class TestMarkdown : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesTablesWithAsManyCellsAsHeads();
    void putsRatiosBeforeMeasuredValues();
    void escapesMarkup();
    void replacesWhatIsBetweenTheLines();
    void refusesADocumentWithoutThem_data();
    void refusesADocumentWithoutThem();
};

void TestMarkdown::writesTablesWithAsManyCellsAsHeads()
{
    const QStringList lines = QString::fromStdString(toMarkdown(sampleReport())).split(u'\n');
    qsizetype cells = 0;
    int tables = 0;
    for (qsizetype index = 0; index < lines.size(); ++index) {
        if (!lines.at(index).startsWith(u'|')) {
            cells = 0;
            continue;
        }
        const qsizetype count = lines.at(index).count(u'|');
        if (cells == 0) {
            cells = count;
            ++tables;
            QVERIFY(lines.at(index + 1).startsWith(QStringLiteral("| ---")));
        }
        QVERIFY2(count <= cells, qPrintable(lines.at(index))); // a row that ends early is filled by readers
    }
    QCOMPARE(tables, 2);
}

void TestMarkdown::putsRatiosBeforeMeasuredValues()
{
    const QString text = QString::fromStdString(toMarkdown(sampleReport()));
    const qsizetype ratio = text.indexOf(QStringLiteral("| **weir** | **0.50×** | **1.46×** | – | – |"));
    const qsizetype value =
        text.indexOf(QStringLiteral("| **weir** | **18,420** | **163** | – | **5,000** |"));
    QVERIFY(ratio > 0);
    QVERIFY(value > ratio);
    for (const char *fact : {"| Date | 2026-01-02T03:04:05Z |", "commit 0123456789ab-dirty", "GNU 12.2.0",
                             "Requests/s ↑", "p50, µs ↓", "caddy is broken: caddy ended with signal 9",
                             "weir: 3 requests failed", "* Generator and provider share", "was interrupted"})
        QVERIFY2(text.contains(QString::fromUtf8(fact)), fact);
}

void TestMarkdown::escapesMarkup()
{
    Report report = sampleReport();
    report.sections[0].title = "a|b <script> `x` *y*";
    report.sections[0].arms[2].arm = "n|m\nnext";
    const std::string text = toMarkdown(report);
    QVERIFY(text.find("a\\|b \\<script\\> \\`x\\` \\*y\\*") != std::string::npos);
    QVERIFY(text.find("n\\|m?next") != std::string::npos);
}

void TestMarkdown::replacesWhatIsBetweenTheLines()
{
    const QByteArray document = QByteArray("a\n") + MeasuredBegin + "\nold\n" + MeasuredEnd + "\nb\n";
    const auto once = withMeasured(document, "new\n");
    QVERIFY(once);
    QCOMPARE(*once, QByteArray("a\n") + MeasuredBegin + "\n\nnew\n\n" + MeasuredEnd + "\nb\n");
    QCOMPARE(*withMeasured(*once, "new\n"), *once);
    QCOMPARE(*withMeasured({}, "new\n"), QByteArray(MeasuredBegin) + "\n\nnew\n\n" + MeasuredEnd + "\n");
}

void TestMarkdown::refusesADocumentWithoutThem_data()
{
    QTest::addColumn<QByteArray>("document");
    const QByteArray begin(MeasuredBegin);
    const QByteArray end(MeasuredEnd);
    QTest::newRow("none") << QByteArray("text");
    QTest::newRow("no end") << begin;
    QTest::newRow("no begin") << end;
    QTest::newRow("the wrong order") << end + begin;
    QTest::newRow("two begins") << begin + begin + end;
    QTest::newRow("two ends") << begin + end + end;
}

void TestMarkdown::refusesADocumentWithoutThem()
{
    QFETCH(QByteArray, document);
    QVERIFY(!withMeasured(document, "new\n"));
}

QTEST_GUILESS_MAIN(TestMarkdown)
#include "tst_markdown.moc"
