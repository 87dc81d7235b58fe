// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/figures.h"
#include "fake_subject.h"
#include <QTest>

using namespace weir;
using namespace weir::bench;

namespace {

report::ArmResult armWith(const std::string &name, std::optional<double> p50)
{
    report::ArmResult arm;
    arm.arm = name;
    addFigure(arm, "p50", "us", report::Better::Lower, p50);
    return arm;
}

const report::Figure &last(const report::ArmResult &arm)
{
    return arm.figures.back();
}

} // namespace

class TestFigures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesTheMedian_data();
    void takesTheMedian();
    void givesPercentilesInMicroseconds();
    void leavesOutWhatTooFewTell();
    void comparesWithDirect();
    void comparesWithNothingThatIsNotThere();
    void namesFailures();
    void prefersWhatTheProcessTells();
    void subtractsProcessorTime();
    void saysHowBusyTheGeneratorWas();
};

void TestFigures::takesTheMedian_data()
{
    using Values = QVector<double>;
    QTest::addColumn<Values>("runs");
    QTest::addColumn<double>("median");
    QTest::newRow("odd") << Values{3, 1, 2} << 2.0;
    QTest::newRow("even") << Values{4, 1, 3, 2} << 2.5;
    QTest::newRow("one") << Values{7} << 7.0;
}

void TestFigures::takesTheMedian()
{
    QFETCH(const QVector<double>, runs);
    QFETCH(const double, median);
    const std::vector<double> values(runs.begin(), runs.end());
    report::ArmResult arm;
    addMedian(arm, "x", "1/s", report::Better::Higher, values);
    QCOMPARE(last(arm).value, std::optional(median));
    // In their order, by which a drift is seen; a single run is the value itself.
    QCOMPARE(last(arm).runs, values.size() > 1 ? values : std::vector<double>());
    addMedian(arm, "y", "1/s", report::Better::Higher, {});
    QVERIFY(!last(arm).value);
}

void TestFigures::givesPercentilesInMicroseconds()
{
    load::Samples samples;
    for (int value = 1; value <= 1000; ++value)
        samples.add(value * 1000);
    samples.finish();
    report::ArmResult arm;
    addPercentiles(arm, samples, "lag_", "chunk_lag");
    QCOMPARE(arm.figures.size(), Percentiles.size());
    QCOMPARE(arm.figures.front().name, std::string("lag_p50"));
    QCOMPARE(arm.figures.front().unit, std::string("us"));
    QCOMPARE(arm.figures.front().value, std::optional(500.0));
    QCOMPARE(last(arm).value, std::optional(1000.0));
    QCOMPARE(arm.distributions.front().name, std::string("chunk_lag"));
    std::uint64_t count = 0;
    for (const report::Bucket &bucket : arm.distributions.front().buckets)
        count += bucket.count;
    QCOMPARE(count, std::uint64_t(1000));
}

void TestFigures::leavesOutWhatTooFewTell()
{
    load::Samples samples;
    for (int value = 1; value <= 100; ++value)
        samples.add(value);
    samples.finish();
    report::ArmResult arm;
    addPercentiles(arm, samples, "", "latency");
    QVERIFY(arm.figures[0].value);  // p50
    QVERIFY(!arm.figures[1].value); // p95: five beyond it
    QVERIFY(last(arm).value);       // max
}

void TestFigures::comparesWithDirect()
{
    report::Section section;
    section.arms = {armWith("direct", 50), armWith("weir", 80), armWith("few", std::nullopt)};
    section.arms.push_back(armWith("dead", 1));
    section.arms.back().broken = "it ended";
    addDifferences(section, {"p50", "p99"});
    QCOMPARE(section.arms[0].figures.size(), std::size_t(1));
    QCOMPARE(last(section.arms[1]).name, std::string("added_p50"));
    QCOMPARE(last(section.arms[1]).value, std::optional(30.0));
    QVERIFY(!last(section.arms[2]).value);
    QCOMPARE(section.arms[3].figures.size(), std::size_t(1));
}

void TestFigures::comparesWithNothingThatIsNotThere()
{
    report::Section alone;
    alone.arms = {armWith("weir", 80)};
    addDifferences(alone, {"p50"});
    QCOMPARE(alone.arms[0].figures.size(), std::size_t(1));
    report::Section broken;
    broken.arms = {armWith("direct", 50), armWith("weir", 80)};
    broken.arms[0].broken = "it ended";
    addDifferences(broken, {"p50"});
    QCOMPARE(broken.arms[1].figures.size(), std::size_t(1));
}

void TestFigures::namesFailures()
{
    load::Failures failures;
    failures.add("timeout");
    failures.add("status 502");
    failures.add("timeout");
    report::Section section;
    report::ArmResult arm;
    arm.arm = "weir";
    addFailures(section, arm, {});
    QVERIFY(section.notes.empty());
    addFailures(section, arm, failures);
    QCOMPARE(arm.failures, std::uint64_t(3));
    QCOMPARE(section.notes.front(), std::string("Failures of weir: 1 × status 502, 2 × timeout."));
}

void TestFigures::prefersWhatTheProcessTells()
{
    FakeSubject subject;
    QCOMPARE(brokenBy(subject, ""), std::string());
    QCOMPARE(brokenBy(subject, "connection refused"), std::string("connection refused"));
    subject.m_troubles = "weir ended with signal 9";
    QCOMPARE(brokenBy(subject, "connection refused"), std::string("weir ended with signal 9"));
    QCOMPARE(brokenBy(subject, ""), std::string("weir ended with signal 9"));
}

void TestFigures::subtractsProcessorTime()
{
    subjects::Usage before;
    subjects::Usage after;
    QVERIFY(!cpuBetween(before, after));
    before.cpuSeconds = 1;
    QVERIFY(!cpuBetween(before, after));
    after.cpuSeconds = 3.5;
    QCOMPARE(cpuBetween(before, after), std::optional(2.5));
}

void TestFigures::saysHowBusyTheGeneratorWas()
{
    QVERIFY(noteOf("direct", {0.83, 1}).find("83 % of a core") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestFigures)
#include "tst_figures.moc"
