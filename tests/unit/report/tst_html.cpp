// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/axis.h"
#include "report/charts.h"
#include "report/html.h"
#include "report/markup.h"
#include "sample_report.h"
#include <QTest>
#include <QXmlStreamReader>

using namespace weir::report;

namespace {

struct Page
{
    QString trouble;
    QStringList elements;
    QString text;
    QStringList attributes;
};

Page read(const QByteArray &html)
{
    Page page;
    QXmlStreamReader reader(html);
    while (!reader.atEnd()) {
        reader.readNext();
        if (reader.isStartElement()) {
            page.elements += reader.name().toString();
            for (const QXmlStreamAttribute &attribute : reader.attributes())
                page.attributes += attribute.name().toString() + u'=' + attribute.value().toString();
        } else if (reader.isCharacters()) {
            page.text += reader.text();
        }
    }
    if (reader.hasError())
        page.trouble = QStringLiteral("line %1: %2").arg(reader.lineNumber()).arg(reader.errorString());
    return page;
}

/// Puts `text` into every field of the report that holds text.
Report filledWith(const std::string &text)
{
    Report report = sampleReport();
    for (std::string *field : {&report.command, &report.date, &report.version, &report.commit,
                               &report.buildType, &report.compiler, &report.os, &report.kernel, &report.cpu})
        *field = text;
    report.peers = {{text, text}};
    for (Section &section : report.sections) {
        section.title = text;
        section.notes = {text};
        section.parameters = {{text, text}, {"concurrency", text}};
        for (ArmResult &arm : section.arms) {
            if (!arm.broken.empty())
                arm.broken = text;
            if (arm.arm != "weir" && arm.arm != "nginx")
                arm.arm = text;
            arm.figures.push_back({text, text, Better::Lower, 1.5, {1, 2}});
            arm.distributions.push_back({text, {{1000, 20}, {2000, 20}}});
            arm.series.push_back({text, text, {{0, 1}, {1, 2}}});
        }
    }
    return report;
}

} // namespace

class TestHtml : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isWellFormedAndNeedsNothingElse();
    void showsWhatTheReportHolds();
    void describesItsCharts();
    void escapesHostileText_data();
    void escapesHostileText();
    void managesOddReports_data();
    void managesOddReports();
    void saysWhatIsBetterWithoutColour();
    void placesValuesOnAxes();
    void endsACurveWhereTooFewSamplesAre();
    void keepsThePeaksOfLongSeries();
};

void TestHtml::isWellFormedAndNeedsNothingElse()
{
    const QByteArray html = toHtml(sampleReport());
    const Page page = read(html);
    QVERIFY2(page.trouble.isEmpty(), qPrintable(page.trouble));
    for (const char *element : {"script", "link", "img", "iframe", "object", "a", "form"})
        QVERIFY2(!page.elements.contains(QLatin1String(element)), element);
    QVERIFY(!html.contains("http:") && !html.contains("https:") && !html.contains("@import"));
    QVERIFY(html.contains("prefers-color-scheme:dark"));
    QVERIFY(html.startsWith("<!DOCTYPE html>"));
    QCOMPARE(page.elements.count(QStringLiteral("h1")), 1);
}

void TestHtml::showsWhatTheReportHolds()
{
    const Page page = read(toHtml(sampleReport()));
    for (const char *text :
         {"weir-bench compare --peer nginx", "2026-01-02 03:04 UTC", "0123456789ab-dirty", "GNU 12.2.0",
          "Debian GNU/Linux 12", "Example CPU @ 2.00GHz", "8.00 GB", "nginx/1.22.1", "92,100", "18,420",
          "18,000–19,000", "0.50×", "0.20×", "caddy ended with signal 9 after 1.2 s",
          "weir failed 3 requests", "The run was interrupted", "changes that are in no commit",
          "Generator and provider share the two cores.", "Nothing was measured."})
        QVERIFY2(page.text.contains(QString::fromUtf8(text)), text);
    QVERIFY(!page.text.contains(QStringLiteral("Release build")));
    QVERIFY(page.text.contains(QStringLiteral("closed loop")));
    QVERIFY(!page.text.contains(QStringLiteral("one way"))); // nothing was streamed
}

void TestHtml::describesItsCharts()
{
    const Page page = read(toHtml(sampleReport()));
    const qsizetype charts = page.attributes.count(QStringLiteral("role=img"));
    QVERIFY(charts >= 3); // bars, a percentile curve, memory over time
    QCOMPARE(page.elements.count(QStringLiteral("desc")), charts);
    QCOMPARE(page.elements.count(QStringLiteral("figure")), charts);
    QVERIFY(page.elements.count(QStringLiteral("title")) > charts);
    QVERIFY(page.attributes.contains(QStringLiteral("scope=row")));
    QVERIFY(page.attributes.contains(QStringLiteral("scope=col")));
}

void TestHtml::escapesHostileText_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("an element") << QByteArray("<script>alert(1)</script>");
    QTest::newRow("the end of an attribute") << QByteArray("\" onload=\"alert(1)");
    QTest::newRow("the end of the style") << QByteArray("</style></title><img src=x>");
    QTest::newRow("an entity") << QByteArray("&lt;&bogus;&#0;");
    QTest::newRow("a comment and CDATA") << QByteArray("--><!-- ]]><![CDATA[");
    QTest::newRow("control characters") << QByteArray("\x1b[31m\x01\x00\x7f\xc2\x80", 10);
    QTest::newRow("no UTF-8") << QByteArray("\xff\xfe\xed\xa0\x80\xc0\xaf");
    QTest::newRow("no character") << QByteArray("\xef\xbf\xbe\xef\xbf\xbf");
}

void TestHtml::escapesHostileText()
{
    QFETCH(QByteArray, text);
    const Page clean = read(toHtml(filledWith("x")));
    const Page page = read(toHtml(filledWith(text.toStdString())));
    QVERIFY2(page.trouble.isEmpty(), qPrintable(page.trouble));
    // The text has added no element and no attribute.
    QCOMPARE(page.elements, clean.elements);
    QCOMPARE(page.attributes.size(), clean.attributes.size());
}

void TestHtml::managesOddReports_data()
{
    QTest::addColumn<QByteArray>("odd");
    for (const char *odd :
         {"empty", "no arms", "no figures", "zeroes", "negative", "huge", "equal", "empty series"})
        QTest::newRow(odd) << QByteArray(odd);
}

void TestHtml::managesOddReports()
{
    QFETCH(QByteArray, odd);
    Report report = sampleReport();
    std::vector<ArmResult> &arms = report.sections[0].arms;
    const auto setAll = [&arms](double value) {
        for (ArmResult &arm : arms) {
            for (Figure &figure : arm.figures)
                figure.value = value;
            arm.series = {{"rss", "bytes", {{0, value}, {1, value}}}};
            arm.distributions = {{"latency", {{std::int64_t(std::max(value, 0.0)), 100}}}};
        }
    };
    if (odd == "empty")
        report = {};
    else if (odd == "no arms")
        arms.clear();
    else if (odd == "no figures")
        arms = {{}, {}};
    else if (odd == "zeroes")
        setAll(0);
    else if (odd == "negative")
        setAll(-5);
    else if (odd == "huge")
        setAll(1e15);
    else if (odd == "equal")
        setAll(7);
    else
        arms[1].series = {{"rss", "bytes", {}}, {"rss", "other", {{0, 1}, {0, 1}}}};
    const QByteArray html = toHtml(report);
    const Page page = read(html);
    QVERIFY2(page.trouble.isEmpty(), qPrintable(page.trouble));
    QVERIFY(!html.contains("nan") && !html.contains("inf\"") && !html.contains("inf,"));
}

void TestHtml::saysWhatIsBetterWithoutColour()
{
    const Page page = read(toHtml(sampleReport()));
    // Half of nginx's requests, 1.46 times its p50.
    QVERIFY(page.text.contains(QStringLiteral("▼ 2.00× worse")));
    QVERIFY(page.text.contains(QStringLiteral("▼ 1.46× worse")));
    Report report = sampleReport();
    report.sections[0].arms[1].figures[0].value = 36'840.2 * 1.04;
    report.sections[0].arms[1].figures[1].value = 56;
    const Page better = read(toHtml(report));
    QVERIFY(better.text.contains(QStringLiteral("● level")));
    QVERIFY(better.text.contains(QStringLiteral("▲ 2.00× better")));
}

void TestHtml::placesValuesOnAxes()
{
    const Axis line = linearAxis(163, "us");
    QCOMPARE(line.first, 0.0);
    QVERIFY(line.last >= 163 && line.last <= 200);
    QVERIFY(line.ticks.size() >= 4 && line.ticks.size() <= 11);
    QCOMPARE(line.unit, std::string("µs"));
    QCOMPARE(line.ticks.back().label, std::to_string(int(line.last)));
    QCOMPARE(line.place(-1), 0.0);
    QCOMPARE(line.place(line.last * 2), 1.0);

    const Axis log = logarithmicAxis(30e3, 5e6, "ns");
    QCOMPARE(log.first, 1e4);
    QCOMPARE(log.last, 1e7);
    QCOMPARE(log.ticks.front().label, std::string("10 µs"));
    QCOMPARE(log.ticks.back().label, std::string("10 ms"));
    QVERIFY(qAbs(log.place(1e5) - 1.0 / 3) < 1e-9);
}

void TestHtml::endsACurveWhereTooFewSamplesAre()
{
    // 1,000 samples of 1 µs and five of 1 s: of those five nothing may be drawn.
    Report report = sampleReport();
    report.sections[0].arms = {{}};
    report.sections[0].arms[0].arm = "weir";
    report.sections[0].arms[0].distributions = {{"latency", {{1000, 1000}, {1'000'000'000, 5}}}};
    const QByteArray html = toHtml(report);
    QVERIFY(html.contains("10 µs</text>"));
    QVERIFY(!html.contains("1 s</text>"));
    report.sections[0].arms[0].distributions = {{"latency", {{1000, 1000}, {1'000'000'000, 10}}}};
    QVERIFY(toHtml(report).contains("1 s</text>"));
}

void TestHtml::keepsThePeaksOfLongSeries()
{
    LineChart chart;
    chart.unit = "bytes";
    chart.lines = {{"weir", {}}};
    for (int second = 0; second < 100'000; ++second)
        chart.lines[0].points.emplace_back(second, second == 54'321 ? 9e6 : 1e6);
    const std::string svg = toSvg(chart);
    QVERIFY(svg.size() < 20'000);
    // The peak is at nine tenths of an axis to 10 MB, in a plot of 204 from 26 on.
    QVERIFY2(svg.find("," + svgNumber(26 + 204 * 0.1)) != std::string::npos, svg.c_str());
}

QTEST_GUILESS_MAIN(TestHtml)
#include "tst_html.moc"
