// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/comparison.h"
#include <QTest>

using namespace weir;
using bench::ArmRun;

namespace {

class FakeSubject : public subjects::Subject
{
public:
    explicit FakeSubject(std::string name) : m_name(std::move(name)) {}
    const std::string &name() const override { return m_name; }
    const std::string &host() const override { return m_host; }
    std::uint16_t port() const override { return 1; }
    const std::string &basePath() const override { return m_empty; }
    const std::vector<std::pair<std::string, std::string>> &headers() const override { return m_headers; }
    const std::string &version() const override { return m_empty; }
    subjects::Usage usage() const override { return {}; }
    std::string troubles() override { return trouble; }

    std::string trouble;

private:
    const std::string m_name;
    const std::string m_host = "127.0.0.1";
    const std::string m_empty;
    const std::vector<std::pair<std::string, std::string>> m_headers;
};

ArmRun runOf(const subjects::Subject &subject, std::optional<double> p50)
{
    ArmRun run;
    run.result.arm = subject.name();
    run.result.figures.push_back({"p50", "us", report::Better::Lower, p50, {}});
    return run;
}

using Arms = std::span<subjects::Subject *const>;
using Results = base::Result<std::vector<ArmRun>>;

} // namespace

class TestComparison : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_direct.trouble.clear();
        m_nginx.trouble.clear();
        m_report = {};
        m_upstream.clear();
        m_isStopped = false;
    }

    void theMedianOfInterleavedRunsCounts()
    {
        std::vector<std::string> order;
        const double values[] = {10, 30, 20};
        int count = 0;
        const auto measured = measure(3, [&](Arms arms, const std::string &step) -> Results {
            std::vector<ArmRun> runs;
            for (const subjects::Subject *arm : arms) {
                order.push_back(arm->name());
                runs.push_back(runOf(*arm, values[count] + (arm->name() == "nginx" ? 5 : 0)));
            }
            steps.push_back(step);
            ++count;
            return runs;
        });
        QVERIFY(measured);
        QCOMPARE(order, (std::vector<std::string>{"direct", "nginx", "direct", "nginx", "direct", "nginx"}));
        QCOMPARE(steps.back(), std::string("Test, run 3 of 3"));
        const report::ArmResult &nginx = m_report.sections.at(0).arms.at(1);
        QCOMPARE(nginx.figures.at(0).value.value(), 25.0);
        QCOMPARE(nginx.figures.at(0).runs, (std::vector<double>{15, 35, 25}));
    }

    void aFigureThatIsAbsentOnceIsAbsent()
    {
        int count = 0;
        const auto measured = measure(3, [&](Arms arms, const std::string &) -> Results {
            ++count;
            return std::vector{runOf(*arms[0], 1),
                               runOf(*arms[1], count == 2 ? std::nullopt : std::optional(7.0))};
        });
        QVERIFY(measured);
        QVERIFY(m_report.sections.at(0).arms.at(0).figures.at(0).value);
        QVERIFY(!m_report.sections.at(0).arms.at(1).figures.at(0).value);
    }

    void whoEndsKeepsTheReasonAndNoFigures()
    {
        int count = 0;
        const auto measured = measure(3, [&](Arms arms, const std::string &) -> Results {
            std::vector<ArmRun> runs;
            for (const subjects::Subject *arm : arms)
                runs.push_back(runOf(*arm, 1));
            if (++count == 2) {
                m_nginx.trouble = "nginx ended with signal 9 after 1.2 s";
                runs[1].result.broken = "connection refused, 57 times in a row";
            }
            livingAtEnd = arms.size();
            return runs;
        });
        QVERIFY(measured);
        QCOMPARE(livingAtEnd, std::size_t(1));
        const report::ArmResult &nginx = m_report.sections.at(0).arms.at(1);
        QCOMPARE(nginx.broken, std::string("nginx ended with signal 9 after 1.2 s"));
        QVERIFY(nginx.figures.empty());
        QCOMPARE(m_report.sections.at(0).arms.at(0).figures.at(0).runs.size(), std::size_t(3));
    }

    void whatTheLoadSawIsTheReasonWhereNobodyKnowsMore()
    {
        const auto measured = measure(1, [&](Arms arms, const std::string &) -> Results {
            auto runs = std::vector{runOf(*arms[0], 1), runOf(*arms[1], 1)};
            runs[1].result.broken = "connection refused, 57 times in a row";
            return runs;
        });
        QVERIFY(measured);
        QCOMPARE(m_report.sections.at(0).arms.at(1).broken,
                 std::string("connection refused, 57 times in a row"));
    }

    void aFailedRunIsForgivenWhereAnArmHasDied()
    {
        int count = 0;
        const auto measured = measure(2, [&](Arms arms, const std::string &) -> Results {
            if (++count == 1) {
                m_nginx.trouble = "nginx ended with status 1 after 0.5 s";
                return base::unexpected(base::Errc::Internal, "connection refused");
            }
            return std::vector{runOf(*arms[0], 4)};
        });
        QVERIFY(measured);
        QCOMPARE(m_report.sections.at(0).arms.at(0).figures.at(0).value.value(), 4.0);
        QCOMPARE(m_report.sections.at(0).arms.at(1).broken,
                 std::string("nginx ended with status 1 after 0.5 s"));
    }

    void aFailedRunThatNobodyExplainsEndsAll()
    {
        const auto measured = measure(3, [&](Arms, const std::string &) -> Results {
            ++calls;
            return base::unexpected(base::Errc::Internal, "no more descriptors");
        });
        QVERIFY(!measured);
        QCOMPARE(measured.error().detail, std::string("no more descriptors"));
        QCOMPARE(calls, 1);
        QVERIFY(m_report.sections.empty());
    }

    void withoutTheProviderNothingIsBlamedOnTheArms()
    {
        const auto measured = measure(3, [&](Arms arms, const std::string &) -> Results {
            m_upstream = "the provider ended with signal 11 after 2.0 s";
            auto runs = std::vector{runOf(*arms[0], 1), runOf(*arms[1], 1)};
            runs[1].result.broken = "status 502, 57 times in a row";
            return runs;
        });
        QVERIFY(!measured);
        QCOMPARE(measured.error().detail, m_upstream);
        QVERIFY(m_report.sections.empty());
    }

    void whatWasMeasuredBeforeAStopIsKept()
    {
        int count = 0;
        const auto measured = measure(3, [&](Arms arms, const std::string &) -> Results {
            auto runs = std::vector{runOf(*arms[0], 1), runOf(*arms[1], 2)};
            if (++count == 2) {
                m_isStopped = true;
                runs[0].result.figures[0].value = 99;
                runs[0].isPartial = true;
                runs.pop_back(); // it had no turn
            }
            return runs;
        });
        QVERIFY(measured);
        QCOMPARE(count, 2);
        QCOMPARE(m_report.sections.at(0).arms.at(0).figures.at(0).value.value(), 1.0);
        QCOMPARE(m_report.sections.at(0).arms.at(1).figures.at(0).value.value(), 2.0);
    }

    void failuresAreCountedAndNamed()
    {
        const auto measured = measure(2, [&](Arms arms, const std::string &) -> Results {
            auto runs = std::vector{runOf(*arms[0], 1), runOf(*arms[1], 2)};
            runs[1].failures.add("status 502");
            return runs;
        });
        QVERIFY(measured);
        QCOMPARE(m_report.sections.at(0).arms.at(1).failures, std::uint64_t(2));
        QCOMPARE(m_report.sections.at(0).notes.at(0), std::string("Failures of nginx: 2 × status 502."));
    }

    void differencesAreTakenWithinARun()
    {
        std::vector<ArmRun> runs{runOf(m_direct, 10), runOf(m_nginx, 15)};
        const std::vector<std::string> names{"p50", "p99"};
        bench::addRunDifferences(runs, names);
        QCOMPARE(runs[0].result.figures.size(), std::size_t(1));
        QCOMPARE(runs[1].result.figures.size(), std::size_t(2));
        QCOMPARE(runs[1].result.figures[1].name, std::string("added_p50"));
        QCOMPARE(runs[1].result.figures[1].value.value(), 5.0);
        std::vector<ArmRun> withoutDirect{runOf(m_nginx, 10), runOf(m_direct, 15)};
        bench::addRunDifferences(withoutDirect, names);
        QCOMPARE(withoutDirect[1].result.figures.size(), std::size_t(1));
    }

private:
    base::Result<void> measure(int runs, const bench::Comparison::Run &run)
    {
        const bench::Comparison comparison(
            {{&m_direct, &m_nginx}, [this] { return m_upstream; }, [this] { return m_isStopped; }, runs});
        report::Section section;
        section.title = "Test";
        return comparison.measure(m_report, section, run);
    }

    FakeSubject m_direct{"direct"};
    FakeSubject m_nginx{"nginx"};
    report::Report m_report;
    std::string m_upstream;
    bool m_isStopped = false;
    std::vector<std::string> steps;
    std::size_t livingAtEnd = 0;
    int calls = 0;
};

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_comparison.moc"
