// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <QTest>
#include <random>
#include <vector>

using weir::metrics::Histogram;

class TestHistogram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void emptySaysNothing();
    void singleValueIsExact_data();
    void singleValueIsExact();
    void percentilesAreWithinTheBound_data();
    void percentilesAreWithinTheBound();
    void mergingEqualsAddingAll();
    void clearForgetsEverything();
    void shareOutsideTheRangeIsTheNearestEnd();
};

namespace {

/// The bound that the class promises: never below the true value, above it by at most 1/64.
bool isWithinBound(std::int64_t found, std::int64_t exact)
{
    return found >= exact && found - exact <= exact / 64;
}

/// The value that at least `share` of all values do not exceed.
std::int64_t exactPercentile(std::vector<std::int64_t> values, double share)
{
    std::sort(values.begin(), values.end());
    const auto rank = std::size_t(std::ceil(share * double(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
}

std::vector<std::int64_t> drawn(int count, double logMin, double logMax, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> exponent(logMin, logMax);
    std::vector<std::int64_t> values;
    for (int i = 0; i < count; ++i)
        values.push_back(std::int64_t(std::exp2(exponent(random))));
    return values;
}

} // namespace

void TestHistogram::emptySaysNothing()
{
    const Histogram histogram;
    QCOMPARE(histogram.count(), std::uint64_t(0));
    QVERIFY(!histogram.percentile(0.5));
    QVERIFY(!histogram.max());
}

void TestHistogram::singleValueIsExact_data()
{
    QTest::addColumn<qint64>("added");
    QTest::addColumn<qint64>("found");
    QTest::newRow("zero") << qint64(0) << qint64(0);
    QTest::newRow("last exact bucket") << qint64(63) << qint64(63);
    QTest::newRow("first shared bucket") << qint64(64) << qint64(64);
    QTest::newRow("largest whose bucket has width one") << qint64(127) << qint64(127);
    QTest::newRow("first bucket of width two") << qint64(128) << qint64(128);
    QTest::newRow("one hour") << qint64(3'600'000'000) << qint64(3'600'000'000);
    QTest::newRow("the maximum") << qint64(Histogram::ValueMax) << qint64(Histogram::ValueMax);
    QTest::newRow("above the maximum") << qint64(Histogram::ValueMax + 1) << qint64(Histogram::ValueMax);
    QTest::newRow("far above") << std::numeric_limits<qint64>::max() << qint64(Histogram::ValueMax);
    QTest::newRow("negative, as from a bug elsewhere") << std::numeric_limits<qint64>::min() << qint64(0);
}

void TestHistogram::singleValueIsExact()
{
    QFETCH(qint64, added);
    QFETCH(qint64, found);
    Histogram histogram;
    histogram.add(added);
    QCOMPARE(histogram.count(), std::uint64_t(1));
    QCOMPARE(*histogram.percentile(0.5), std::int64_t(found));
    QCOMPARE(*histogram.max(), std::int64_t(found));
}

void TestHistogram::percentilesAreWithinTheBound_data()
{
    QTest::addColumn<std::vector<std::int64_t>>("values");
    // Each power of two has buckets of its own: both of its edges, in reach of every percentile.
    std::vector<std::int64_t> edges;
    for (int bit = 0; bit < 32; ++bit) {
        const std::int64_t edge = std::int64_t{1} << bit;
        edges.insert(edges.end(), {edge - 1, edge, edge + 1});
    }
    QTest::newRow("edges of powers of two") << edges;
    QTest::newRow("microseconds") << drawn(5'000, 0, 8, 1);
    QTest::newRow("milliseconds to seconds") << drawn(5'000, 10, 24, 2);
    QTest::newRow("everything") << drawn(20'000, 0, 32, 3);
    QTest::newRow("all the same") << std::vector<std::int64_t>(1'000, 123'456);
    QTest::newRow("one outlier in a hundred") << [] {
        std::vector<std::int64_t> values(99, 1'000);
        values.push_back(90'000'000);
        return values;
    }();
}

void TestHistogram::percentilesAreWithinTheBound()
{
    QFETCH(std::vector<std::int64_t>, values);
    Histogram histogram;
    for (const std::int64_t value : values)
        histogram.add(value);
    QCOMPARE(histogram.count(), std::uint64_t(values.size()));
    QCOMPARE(*histogram.max(), *std::max_element(values.begin(), values.end()));
    QCOMPARE(*histogram.percentile(1.0), *histogram.max());
    std::int64_t before = 0;
    for (const double share : {0.0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0}) {
        const std::int64_t found = *histogram.percentile(share);
        const std::int64_t exact = exactPercentile(values, share);
        QVERIFY2(isWithinBound(found, exact),
                 qPrintable(QStringLiteral("p%1: %2, exactly %3").arg(share * 100).arg(found).arg(exact)));
        QVERIFY2(found >= before, "percentiles never fall");
        before = found;
    }
}

void TestHistogram::mergingEqualsAddingAll()
{
    Histogram merged;
    Histogram whole;
    for (unsigned seed = 0; seed < 5; ++seed) {
        Histogram part;
        for (const std::int64_t value : drawn(500, 0, 31, seed)) {
            part.add(value);
            whole.add(value);
        }
        merged.merge(part);
        merged.merge(Histogram());
    }
    QCOMPARE(merged.count(), whole.count());
    QCOMPARE(merged.max(), whole.max());
    for (int percent = 0; percent <= 100; ++percent)
        QCOMPARE(merged.percentile(percent / 100.0), whole.percentile(percent / 100.0));
}

void TestHistogram::clearForgetsEverything()
{
    Histogram histogram;
    histogram.add(Histogram::ValueMax);
    histogram.clear();
    QVERIFY(!histogram.max());
    histogram.add(5);
    QCOMPARE(*histogram.percentile(1.0), std::int64_t(5));
    QCOMPARE(*histogram.max(), std::int64_t(5));
}

void TestHistogram::shareOutsideTheRangeIsTheNearestEnd()
{
    Histogram histogram;
    for (int value = 1; value <= 10; ++value)
        histogram.add(value);
    QCOMPARE(*histogram.percentile(-1.0), std::int64_t(1));
    QCOMPARE(*histogram.percentile(2.0), std::int64_t(10));
}

QTEST_GUILESS_MAIN(TestHistogram)
#include "tst_histogram.moc"
