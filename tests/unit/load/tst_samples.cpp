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
};

void TestSamples::knowsThePercentilesOfAKnownDistribution()
{
    Samples samples;
    for (std::int64_t value = 100'000; value >= 1; --value)
        samples.add(value);
    samples.finish();
    QCOMPARE(samples.percentile(0.5), std::optional<std::int64_t>(50'000));
    QCOMPARE(samples.percentile(0.95), std::optional<std::int64_t>(95'000));
    QCOMPARE(samples.percentile(0.99), std::optional<std::int64_t>(99'000));
    QCOMPARE(samples.percentile(0.999), std::optional<std::int64_t>(99'900));
    QCOMPARE(samples.percentile(1), std::optional<std::int64_t>(100'000));
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
    QCOMPARE(samples.failures(), std::size_t(0));
}

QTEST_GUILESS_MAIN(TestSamples)
#include "tst_samples.moc"
