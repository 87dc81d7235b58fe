// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/growth.h"
#include <cmath>
#include <QTest>
#include <random>
#include <vector>

using namespace weir;

namespace {

using Points = std::vector<std::pair<double, double>>;

constexpr double SecondsPerHour = 3600;

Points line(double seconds, double perHour, double noise, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> deviation(0, 1);
    Points points;
    for (double second = 0; second <= seconds; second += 0.5)
        points.emplace_back(second, 1000 + perHour / SecondsPerHour * second + noise * deviation(random));
    return points;
}

} // namespace

class TestGrowth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aStraightLineIsFoundExactly()
    {
        const auto growth = bench::growthOf(line(120, 7200, 0, 1));
        QVERIFY(growth);
        QVERIFY(std::abs(growth->perHour - 7200) < 1e-6);
        QVERIFY(std::abs(growth->low - 7200) < 1e-3);
        QVERIFY(std::abs(growth->high - 7200) < 1e-3);
    }

    /// What "95 %" promises, on data for which the truth is known.
    void theBoundsHoldTheTruthAsOftenAsTheySay()
    {
        constexpr int Trials = 2000;
        int within = 0;
        for (unsigned seed = 1; seed <= Trials; ++seed) {
            const auto growth = bench::growthOf(line(120, 500, 10, seed));
            if (growth->low <= 500 && 500 <= growth->high)
                ++within;
        }
        // Four standard deviations of a binomial distribution around 95 %.
        const double share = double(within) / Trials;
        QVERIFY2(share > 0.93 && share < 0.97, qPrintable(QString::number(share)));
    }

    void nothingIsSaidOfAShortObservation()
    {
        QVERIFY(!bench::growthOf(line(59, 1, 1, 1)));
        QVERIFY(bench::growthOf(line(60, 1, 1, 1)));
        QVERIFY(!bench::growthOf({}));
    }

    void nothingIsSaidWhereAStretchIsNearlyEmpty()
    {
        Points points = line(120, 1, 1, 1);
        std::erase_if(points, [](const auto &point) { return point.first > 30 && point.first < 45; });
        QVERIFY(!bench::growthOf(points));
    }
};

QTEST_GUILESS_MAIN(TestGrowth)
#include "tst_growth.moc"
