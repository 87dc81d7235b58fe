// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/histogram.h"
#include <limits>
#include <QTest>

using weir::load::Histogram;

class TestHistogram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsSmallValuesExactly();
    void isAtMostOnePartIn128TooHigh();
    void countsByRank();
    void canBeCleared();
};

void TestHistogram::holdsSmallValuesExactly()
{
    for (std::int64_t value = 0; value < 256; ++value) {
        Histogram histogram;
        histogram.add(value);
        QCOMPARE(histogram.atRank(1), value);
    }
    Histogram histogram;
    histogram.add(-5);
    QCOMPARE(histogram.atRank(1), std::int64_t(0));
}

void TestHistogram::isAtMostOnePartIn128TooHigh()
{
    const auto check = [](std::int64_t value) {
        Histogram histogram;
        histogram.add(value);
        const std::int64_t told = histogram.atRank(1);
        QVERIFY2(told >= value && told - value <= value / 128, qPrintable(QString::number(value)));
        QCOMPARE(histogram.buckets().size(), std::size_t(1));
        QCOMPARE(histogram.buckets().front().upTo, told);
    };
    for (std::int64_t value = 1; value < std::numeric_limits<std::int64_t>::max() / 3; value *= 3) {
        check(value);
        check(value - 1);
    }
    for (int bit = 1; bit < 63; ++bit) {
        check((std::int64_t(1) << bit) - 1);
        check(std::int64_t(1) << bit);
    }
    check(std::numeric_limits<std::int64_t>::max());
}

void TestHistogram::countsByRank()
{
    Histogram histogram;
    for (int count = 0; count < 3; ++count)
        histogram.add(10);
    histogram.add(200);
    QCOMPARE(histogram.count(), std::uint64_t(4));
    QCOMPARE(histogram.atRank(1), std::int64_t(10));
    QCOMPARE(histogram.atRank(3), std::int64_t(10));
    QCOMPARE(histogram.atRank(4), std::int64_t(200));
    const auto buckets = histogram.buckets();
    QCOMPARE(buckets.size(), std::size_t(2));
    QCOMPARE(buckets[0].count, std::uint64_t(3));
    QCOMPARE(buckets[1].upTo, std::int64_t(200));
}

void TestHistogram::canBeCleared()
{
    Histogram histogram;
    histogram.add(10);
    histogram.clear();
    QCOMPARE(histogram.count(), std::uint64_t(0));
    QVERIFY(histogram.buckets().empty());
}

QTEST_APPLESS_MAIN(TestHistogram)
#include "tst_histogram.moc"
