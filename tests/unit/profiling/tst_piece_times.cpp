// SPDX-License-Identifier: GPL-3.0-or-later
#include "profiling/piece_times.h"

#include <algorithm>
#include <QTest>
#include <random>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;
using profiling::PieceTimes;

class TestPieceTimes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasNoMedianWhileEmpty();
    void isNearTheTrueMedian_data();
    void isNearTheTrueMedian();
    void takesWhatLiesOutsideForTheNearerEnd();
    void ofAnEvenNumberTakesTheLower();
    void addsUp();
};

void TestPieceTimes::hasNoMedianWhileEmpty()
{
    QVERIFY(!PieceTimes().median());
    QCOMPARE(PieceTimes().count(), std::uint64_t(0));
}

void TestPieceTimes::isNearTheTrueMedian_data()
{
    QTest::addColumn<double>("middle"); // ns
    for (const double middle : {300.0, 2'000.0, 58'000.0, 1e6, 2e7})
        QTest::addRow("around %.0f ns", middle) << middle;
}

void TestPieceTimes::isNearTheTrueMedian()
{
    QFETCH(double, middle);
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> spread(std::log(middle), 0.8);
    PieceTimes times;
    std::vector<base::Duration> all;
    for (int piece = 0; piece < 9'999; ++piece) {
        all.push_back(base::Duration(std::int64_t(spread(random))));
        times.add(all.back());
    }
    std::nth_element(all.begin(), all.begin() + 4'999, all.end());
    const double truth = double(all[4'999].count());
    const double told = double(times.median()->count());
    QVERIFY2(std::abs(told / truth - 1) < 0.07, qPrintable(QStringLiteral("%1 for %2").arg(told).arg(truth)));
    QCOMPARE(times.count(), std::uint64_t(9'999));
}

void TestPieceTimes::takesWhatLiesOutsideForTheNearerEnd()
{
    PieceTimes small;
    small.add(0ns);
    small.add(-3s); // no clock does that
    QVERIFY(*small.median() >= PieceTimes::Least && *small.median() < PieceTimes::Least * 2);
    PieceTimes large;
    large.add(3h);
    QVERIFY(*large.median() <= PieceTimes::Most && *large.median() > PieceTimes::Most / 2);
}

void TestPieceTimes::ofAnEvenNumberTakesTheLower()
{
    PieceTimes times;
    times.add(1us);
    times.add(1ms);
    QVERIFY(*times.median() < 2us);
}

void TestPieceTimes::addsUp()
{
    PieceTimes one;
    one.add(1us, 100);
    PieceTimes other;
    other.add(1ms, 101);
    one.merge(other);
    QCOMPARE(one.count(), std::uint64_t(201));
    QVERIFY(*one.median() > 900us);
}

QTEST_GUILESS_MAIN(TestPieceTimes)
#include "tst_piece_times.moc"
