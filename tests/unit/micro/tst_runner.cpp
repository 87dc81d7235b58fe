// SPDX-License-Identifier: GPL-3.0-or-later
#include "micro/runner.h"
#include <QTest>
#include <set>

using namespace weir;
using namespace weir::micro;

namespace {

const report::Figure *find(const report::ArmResult &arm, const char *name)
{
    for (const report::Figure &figure : arm.figures) {
        if (figure.name == name)
            return &figure;
    }
    return nullptr;
}

void nothing(benchmark::State &state)
{
    for (auto _ : state)
        benchmark::ClobberMemory();
}

} // namespace

class TestRunner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void medians();
    void runsBecomeFigures();
    void casesTakeTurns();
    void brokenCasesShowNoFigure();
    void stopsBetweenRepetitions();
    void everyCaseDoesItsWork_data();
    void everyCaseDoesItsWork();
};

void TestRunner::medians()
{
    QVERIFY(!median({}));
    QVERIFY(!median({1, 2}));
    QCOMPARE(median({9, 1, 5}).value_or(0), 5.0);
    QCOMPARE(median({4, 1, 3, 100}).value_or(0), 3.5);
    QVERIFY(!spreadPercent({1, 2}));
    QCOMPARE(spreadPercent({90, 100, 130}).value_or(0), 20.0);
}

void TestRunner::runsBecomeFigures()
{
    Measured measured{"http", "some work", {}, {}, {}, 0, {}, {}};
    Collector collector(measured);
    for (const double seconds : {0.4, 0.2, 0.3}) {
        benchmark::BenchmarkReporter::Run run;
        run.run_type = benchmark::BenchmarkReporter::Run::RT_Iteration;
        run.iterations = 1000;
        run.real_accumulated_time = seconds;
        run.cpu_accumulated_time = seconds / 2;
        run.counters["bytes_per_second"] = 2000 / (seconds / 2); // as SetBytesProcessed(2000) gives it
        collector.ReportRuns({run});
    }
    benchmark::BenchmarkReporter::Run mean;
    mean.run_type = benchmark::BenchmarkReporter::Run::RT_Aggregate;
    collector.ReportRuns({mean});

    const auto sections = toSections({measured}, {});
    QCOMPARE(sections.size(), std::size_t(1));
    QCOMPARE(sections[0].kind, std::string("micro"));
    QCOMPARE(sections[0].parameters[0].second, std::string("http"));
    const report::ArmResult &arm = sections[0].arms.at(0);
    QCOMPARE(arm.arm, std::string("some work"));
    QCOMPARE(find(arm, "time_per_op")->value.value_or(0), 300'000.0);
    QCOMPARE(find(arm, "time_per_op")->runs.size(), std::size_t(3));
    QCOMPARE(find(arm, "cpu_per_op")->value.value_or(0), 150'000.0);
    QCOMPARE(find(arm, "operations")->value.value_or(0), 3000.0);
    QCOMPARE(find(arm, "throughput")->value.value_or(0), 2 / 0.0003);
}

void TestRunner::casesTakeTurns()
{
    std::string order;
    const auto called = [&order](char name) {
        return [&order, name](benchmark::State &state) {
            if (order.empty() || order.back() != name) // one repetition may call it several times
                order += name;
            nothing(state);
        };
    };
    const Cases cases{{"one", "a", called('a')}, {"one", "b", called('b')}, {"two", "c", called('c')}};
    std::size_t asked = 0;
    const auto measured = measure(cases, {3, 0.001}, [&asked](std::size_t done, std::size_t total) {
        return done == asked++ && total == 12;
    });
    QCOMPARE(order, std::string("abcabcabcabc")); // the first round does not count
    for (const Measured &one : measured) {
        QCOMPARE(one.wallNs.size(), std::size_t(3));
        QVERIFY(one.wallNs[0] > 0 && one.iterations > 0);
    }
    const auto sections = toSections(measured, {3, 0.001});
    QCOMPARE(sections.size(), std::size_t(2));
    QCOMPARE(sections[0].arms.size(), std::size_t(2));
}

void TestRunner::brokenCasesShowNoFigure()
{
    int calls = 0;
    const Cases cases{{"one", "broken",
                       [&calls](benchmark::State &state) {
                           ++calls;
                           nothing(state);
                           state.SkipWithError("it did nothing");
                       }},
                      {"one", "whole", nothing}};
    const auto measured = measure(cases, {4, 0.001}, [](std::size_t, std::size_t) { return true; });
    QCOMPARE(calls, 1); // it is not tried again
    const auto sections = toSections(measured, {4, 0.001});
    QCOMPARE(sections[0].arms[0].broken, std::string("it did nothing"));
    QCOMPARE(sections[0].arms[0].failures, std::uint64_t(1));
    QVERIFY(sections[0].arms[0].figures.empty());
    QVERIFY(find(sections[0].arms[1], "time_per_op")->value);
}

void TestRunner::stopsBetweenRepetitions()
{
    const Cases cases{{"one", "a", nothing}, {"one", "b", nothing}};
    const auto measured = measure(cases, {5, 0.001}, [](std::size_t done, std::size_t) { return done < 9; });
    QCOMPARE(measured[0].wallNs.size(), std::size_t(4));
    QCOMPARE(measured[1].wallNs.size(), std::size_t(3));
    // Too few repetitions are no figure.
    const auto early = measure(cases, {5, 0.001}, [](std::size_t done, std::size_t) { return done < 5; });
    QVERIFY(!find(toSections(early, {})[0].arms[0], "time_per_op")->value);
}

void TestRunner::everyCaseDoesItsWork_data()
{
    QTest::addColumn<int>("index");
    const Cases cases = allCases();
    std::set<std::string> names;
    for (std::size_t index = 0; index < cases.size(); ++index) {
        QVERIFY2(names.insert(cases[index].fullName()).second, cases[index].fullName().c_str());
        QTest::newRow(cases[index].fullName().c_str()) << int(index);
    }
}

void TestRunner::everyCaseDoesItsWork()
{
    QFETCH(int, index);
    const Case one = allCases()[std::size_t(index)];
    const auto measured = measure({one}, {1, 0.0001}, [](std::size_t, std::size_t) { return true; });
    QCOMPARE(measured[0].broken, std::string());
    QCOMPARE(measured[0].wallNs.size(), std::size_t(1));
    QVERIFY(measured[0].wallNs[0] > 0);
}

QTEST_GUILESS_MAIN(TestRunner)
#include "tst_runner.moc"
