// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/diff.h"
#include "report/text.h"
#include "sample_report.h"
#include <QTest>
#include <QXmlStreamReader>

using namespace weir::report;

namespace {

using Verdict = Change::Verdict;

/// A report with one figure, "p50" of arm "weir".
Report reportWith(Figure figure)
{
    Report report = sampleReport();
    ArmResult weir;
    weir.arm = "weir";
    weir.figures = {std::move(figure)};
    report.interrupted = false;
    report.sections = {{"latency", "Latency", {{"rate", "200"}}, {weir}, {}}};
    return report;
}

Figure figure(double value, std::vector<double> runs, Better better = Better::Lower)
{
    return {"p50", "us", better, value, std::move(runs)};
}

} // namespace

Q_DECLARE_METATYPE(weir::report::Figure)

class TestDiff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void judgesAChange_data();
    void judgesAChange();
    void findsNothingBetweenEqualReports();
    void saysLoudlyThatTheGroundDiffers();
    void listsWhatOnlyOneHas();
    void pairsAlikeSectionsInOrder();
    void tellsBrokenArmsAndFailures();
    void fitsIntoAnyWidth();
    void writesAWellFormedPage();
};

void TestDiff::judgesAChange_data()
{
    QTest::addColumn<Figure>("before");
    QTest::addColumn<Figure>("after");
    QTest::addColumn<int>("verdict");
    const auto row = [](const char *name, const Figure &before, const Figure &after, Verdict verdict) {
        QTest::newRow(name) << before << after << int(verdict);
    };
    row("lower by more than both noises", figure(100, {95, 100, 104}), figure(80, {78, 80, 84}),
        Verdict::Better);
    row("higher where lower is better", figure(80, {78, 80, 84}), figure(100, {95, 100, 104}),
        Verdict::Worse);
    row("higher where higher is better", figure(80, {78, 80, 84}, Better::Higher),
        figure(100, {95, 100, 104}, Better::Higher), Verdict::Better);
    row("lower where higher is better", figure(100, {99, 100, 101}, Better::Higher),
        figure(80, {79, 80, 81}, Better::Higher), Verdict::Worse);
    row("neither is better", figure(100, {99, 100, 101}, Better::Neither),
        figure(80, {79, 80, 81}, Better::Neither), Verdict::Moved);
    row("just as much as both noises", figure(100, {90, 100, 101}), figure(80, {79, 80, 90}),
        Verdict::WithinNoise);
    row("beyond the older noise alone", figure(100, {99, 100, 101}), figure(90, {80, 90, 101}),
        Verdict::WithinNoise);
    row("beyond the newer noise alone", figure(100, {80, 100, 101}), figure(90, {89, 90, 91}),
        Verdict::WithinNoise);
    row("no noise, but less than one percent", figure(1000, {1000, 1000, 1000}),
        figure(1009, {1009, 1009, 1009}), Verdict::WithinNoise);
    row("no noise and more than one percent", figure(1000, {1000, 1000, 1000}),
        figure(1020, {1020, 1020, 1020}), Verdict::Worse);
    row("one run each, far apart", figure(100, {}), figure(50, {}), Verdict::NoiseUnknown);
    row("two runs are too few", figure(100, {100, 100}), figure(50, {49, 50, 51}), Verdict::NoiseUnknown);
    row("one run each, close", figure(100, {}), figure(95, {}), Verdict::WithinNoise);
    row("both zero", figure(0, {}), figure(0, {}), Verdict::WithinNoise);
    row("from zero", figure(0, {0, 0, 0}), figure(5, {5, 5, 5}), Verdict::Worse);
}

void TestDiff::judgesAChange()
{
    QFETCH(Figure, before);
    QFETCH(Figure, after);
    QFETCH(int, verdict);
    const Diff diff = compare(reportWith(before), reportWith(after));
    QCOMPARE(diff.changes.size(), std::size_t(1));
    QCOMPARE(int(diff.changes[0].verdict), verdict);
    const bool isShown = toText(diff, 120).find("p50") != std::string::npos;
    QCOMPARE(isShown, verdict != int(Verdict::WithinNoise));
    QCOMPARE(toHtml(diff).contains("p50"), isShown);
}

void TestDiff::findsNothingBetweenEqualReports()
{
    const Diff diff = compare(sampleReport(), sampleReport());
    QVERIFY(diff.differentGround.empty());
    QVERIFY(diff.onlyBefore.empty());
    QVERIFY(diff.onlyAfter.empty());
    QCOMPARE(diff.changes.size(), std::size_t(7)); // every figure with a value
    for (const Change &change : diff.changes)
        QCOMPARE(int(change.verdict), int(Verdict::WithinNoise));
    const std::string text = toText(diff, 100);
    QVERIFY(text.find("Nothing moved.") != std::string::npos);
    QVERIFY(text.find("7 of 7 figures") != std::string::npos);
    QVERIFY(text.find("DIFFERENT") == std::string::npos);
}

void TestDiff::saysLoudlyThatTheGroundDiffers()
{
    const auto changed = [](auto change) {
        Report report = sampleReport();
        change(report);
        return compare(sampleReport(), report);
    };
    const Diff diffs[]{changed([](Report &report) { report.cpu = "Other"; }),
                       changed([](Report &report) { report.threads = 64; }),
                       changed([](Report &report) { report.memoryBytes *= 2; }),
                       changed([](Report &report) { report.os = "Other"; }),
                       changed([](Report &report) { report.kernel = "Other"; }),
                       changed([](Report &report) { report.buildType = "Debug"; }),
                       changed([](Report &report) { report.compiler = "Other"; }),
                       changed([](Report &report) { report.command = "Other"; }),
                       changed([](Report &report) { report.peers[0].second = "nginx/2"; })};
    for (const Diff &diff : diffs) {
        QCOMPARE(diff.differentGround.size(), std::size_t(1));
        QVERIFY(toText(diff, 100).find("!! DIFFERENT MACHINE") != std::string::npos);
        QVERIFY(toText(diff, 100).find(diff.differentGround[0].after) != std::string::npos);
        QVERIFY(toHtml(diff).contains("DIFFERENT MACHINE"));
    }
    // Another commit is what a diff is for.
    const Diff commit = changed([](Report &report) { report.commit = "fedcba987654"; });
    QVERIFY(commit.differentGround.empty());
    QVERIFY(toText(commit, 100).find("commit: 0123456789ab-dirty → fedcba987654") != std::string::npos);
}

void TestDiff::listsWhatOnlyOneHas()
{
    Report after = sampleReport();
    after.sections[0].arms[0].figures[1].value.reset(); // direct's p50 has too few samples now
    after.sections[0].arms[1].figures[2].name = "renamed";
    after.sections[0].arms[2].figures[1].unit = "ns"; // another unit is another figure
    after.sections[0].arms[3].arm = "traefik";
    after.sections[1].kind = "cpu";
    using Lines = std::vector<std::string>;
    const Diff diff = compare(sampleReport(), after);
    QCOMPARE(diff.onlyBefore,
             (Lines{"Throughput, 64 at a time · direct · p50", "Throughput, 64 at a time · weir · samples",
                    "Throughput, 64 at a time · nginx · p50", "Throughput, 64 at a time · caddy", "Memory"}));
    QCOMPARE(diff.onlyAfter,
             (Lines{"Throughput, 64 at a time · weir · renamed", "Throughput, 64 at a time · nginx · p50",
                    "Throughput, 64 at a time · traefik", "Memory"}));
    const std::string text = toText(diff, 100);
    QVERIFY(text.find("Only in the older report") != std::string::npos);
    QVERIFY(text.find("• Throughput, 64 at a time · traefik") != std::string::npos);
}

void TestDiff::pairsAlikeSectionsInOrder()
{
    Report before = reportWith(figure(100, {100, 100, 100}));
    before.sections.push_back(before.sections[0]);
    before.sections[1].arms[0].figures[0] = figure(200, {200, 200, 200});
    Report after = before;
    after.sections.push_back(after.sections[0]);
    const Diff diff = compare(before, after);
    QCOMPARE(diff.changes.size(), std::size_t(2));
    QCOMPARE(diff.changes[0].before, diff.changes[0].after);
    QCOMPARE(diff.changes[1].before, 200.0);
    QCOMPARE(diff.changes[1].after, 200.0);
    QCOMPARE(diff.onlyAfter.size(), std::size_t(1));
}

void TestDiff::tellsBrokenArmsAndFailures()
{
    Report after = sampleReport();
    after.interrupted = false;
    after.sections[0].arms[1].failures = 9;
    after.sections[0].arms[2].broken = "gone";
    const Diff diff = compare(sampleReport(), after);
    const std::string text = toText(diff, 200);
    for (const char *sentence :
         {"the run was interrupted before", "weir: 3 requests failed before, 9 now",
          "nginx: broken now: gone", "caddy: broken before: caddy ended with signal 9"})
        QVERIFY2(text.find(sentence) != std::string::npos, sentence);
    for (const Change &change : diff.changes)
        QVERIFY(change.arm != "nginx");
}

void TestDiff::fitsIntoAnyWidth()
{
    Report before = reportWith(figure(100, {99, 100, 101}));
    before.sections[0].title = "A section with a title that is longer than the terminal is wide, by far";
    before.sections[0].arms[0].arm = "an arm whose name does not fit either, \x1b[31mand is hostile";
    Report after = before;
    after.sections[0].arms[0].figures[0] = figure(12'345.6, {12'345, 12'345.6, 12'346});
    const Diff diff = compare(before, after);
    for (const int columns : {40, 80, 120, 200}) {
        const std::string text = toText(diff, columns);
        QVERIFY(text.find('\x1b') == std::string::npos);
        QVERIFY(text.find("▼ worse") != std::string::npos);
        const QStringList lines = QString::fromStdString(text).split(u'\n');
        for (const QString &line : lines)
            QVERIFY2(columnsOf(line.toStdString()) <= columns, qPrintable(line));
    }
}

void TestDiff::writesAWellFormedPage()
{
    const std::string hostile = "</td><script>\"&\x01";
    Report before = reportWith(figure(100, {99, 100, 101}));
    before.sections[0].title = before.sections[0].arms[0].arm = before.sections[0].kind = hostile;
    Report after = before;
    after.sections[0].arms[0].figures[0] = {"p50", hostile, Better::Lower, 5, {5, 5, 5}};
    before.sections[0].arms[0].figures[0].unit = hostile;
    after.cpu = after.commit = hostile;
    after.sections.push_back(sampleReport().sections[0]);
    QXmlStreamReader reader(toHtml(compare(before, after)));
    QStringList elements;
    while (!reader.atEnd()) {
        if (reader.readNext() == QXmlStreamReader::StartElement)
            elements += reader.name().toString();
    }
    QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
    QVERIFY(!elements.contains(QStringLiteral("script")));
    QVERIFY(elements.contains(QStringLiteral("table")));
}

QTEST_GUILESS_MAIN(TestDiff)
#include "tst_diff.moc"
