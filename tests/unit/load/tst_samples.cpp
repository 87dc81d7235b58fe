// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/samples.h"
#include <QTest>

using weir::load::Samples;

class TestSamples : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsThePercentilesOfAKnownDistribution();
    void saysNothingOfTooFew();
    void isEmptyAtFirst();
    void goesOnInBucketsBeyondItsBound();
    void givesItsDistribution();
    void takesInAnotherRun_data();
    void takesInAnotherRun();
};

void TestSamples::knowsThePercentilesOfAKnownDistribution()
{
    Samples samples;
    for (std::int64_t value = 100'000; value >= 1; --value)
        samples.add(value);
    samples.finish();
    QVERIFY(samples.isExact());
    QCOMPARE(samples.percentile(0.5), std::optional<std::int64_t>(50'000));
    QCOMPARE(samples.percentile(0.95), std::optional<std::int64_t>(95'000));
    QCOMPARE(samples.percentile(0.99), std::optional<std::int64_t>(99'000));
    QCOMPARE(samples.percentile(0.999), std::optional<std::int64_t>(99'900));
    QCOMPARE(samples.percentile(1), std::optional<std::int64_t>(100'000));
    QCOMPARE(samples.mean(), std::optional<double>(50'000.5));
}

void TestSamples::saysNothingOfTooFew()
{
    Samples samples;
    for (std::int64_t value = 1; value <= 999; ++value)
        samples.add(value);
    samples.finish();
    QVERIFY(samples.percentile(0.95));
    QVERIFY(!samples.percentile(0.99)); // fewer than ten lie beyond it
    QVERIFY(!samples.percentile(0.999));
    QVERIFY(samples.percentile(1));
    samples.add(1000);
    samples.finish();
    QVERIFY(samples.percentile(0.99));
}

void TestSamples::isEmptyAtFirst()
{
    const Samples samples;
    QVERIFY(!samples.percentile(0.5));
    QVERIFY(!samples.percentile(1));
    QVERIFY(!samples.mean());
    QCOMPARE(samples.count(), std::uint64_t(0));
    QVERIFY(samples.distribution().empty());
}

void TestSamples::goesOnInBucketsBeyondItsBound()
{
    Samples samples(1000);
    for (std::int64_t value = 1; value <= 1000; ++value)
        samples.add(value * 1000);
    QVERIFY(samples.isExact());
    for (std::int64_t value = 1001; value <= 100'000; ++value)
        samples.add(value * 1000);
    samples.finish();
    QVERIFY(!samples.isExact());
    QCOMPARE(samples.count(), std::uint64_t(100'000));
    for (const double share : {0.5, 0.95, 0.99, 0.999}) {
        const double exact = share * 100'000'000;
        const double told = double(*samples.percentile(share));
        QVERIFY2(told >= exact && told <= exact * (1 + 1.0 / 128), qPrintable(QString::number(told)));
    }
    QCOMPARE(samples.percentile(1), std::optional<std::int64_t>(100'000'000));
    QCOMPARE(samples.mean(), std::optional<double>(50'000'500));
}

void TestSamples::givesItsDistribution()
{
    Samples exact;
    Samples bucketed(10);
    for (std::int64_t value = 1; value <= 5000; ++value) {
        exact.add(value * value);
        bucketed.add(value * value);
    }
    exact.finish();
    bucketed.finish();
    const auto left = exact.distribution();
    const auto right = bucketed.distribution();
    QCOMPARE(left.size(), right.size());
    std::uint64_t count = 0;
    std::int64_t before = -1;
    for (std::size_t index = 0; index < left.size(); ++index) {
        QCOMPARE(left[index].upTo, right[index].upTo);
        QCOMPARE(left[index].count, right[index].count);
        QVERIFY(left[index].upTo > before && left[index].count > 0);
        before = left[index].upTo;
        count += left[index].count;
    }
    QCOMPARE(count, std::uint64_t(5000));
}

void TestSamples::takesInAnotherRun_data()
{
    QTest::addColumn<int>("firstMax");
    QTest::addColumn<int>("secondMax");
    QTest::addColumn<bool>("isExact");
    QTest::newRow("both raw") << 10'000 << 10'000 << true;
    QTest::newRow("more together than may be raw") << 1500 << 1500 << false;
    QTest::newRow("buckets into raw ones") << 10'000 << 10 << false;
    QTest::newRow("raw ones into buckets") << 10 << 10'000 << false;
    QTest::newRow("buckets into buckets") << 10 << 10 << false;
}

void TestSamples::takesInAnotherRun()
{
    QFETCH(const int, firstMax);
    QFETCH(const int, secondMax);
    QFETCH(const bool, isExact);
    Samples first{std::size_t(firstMax)};
    Samples second{std::size_t(secondMax)};
    for (std::int64_t value = 1; value <= 1000; ++value) {
        first.add(value * 1000);
        second.add((value + 1000) * 1000);
    }
    first.finish();
    first.add(second);
    first.add(Samples());
    first.finish();
    QCOMPARE(first.isExact(), isExact);
    QCOMPARE(first.count(), std::uint64_t(2000));
    const std::int64_t median = *first.percentile(0.5);
    QVERIFY(median >= 1'000'000 && median <= 1'000'000 * 129 / 128);
    QCOMPARE(first.percentile(1), std::optional<std::int64_t>(2'000'000));
    QCOMPARE(first.mean(), std::optional<double>(1'000'500));
}

QTEST_APPLESS_MAIN(TestSamples)
#include "tst_samples.moc"
