// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/interval_log.h"
#include <QTest>

using namespace weir::load;

class TestIntervalLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void putsEachIntoItsInterval();
    void isSilentIfNotAsked();
    void boundsTheirNumber();
};

void TestIntervalLog::putsEachIntoItsInterval()
{
    constexpr Nanos Begin = 5 * NanosPerSecond;
    IntervalLog log(Begin, 1);
    for (int count = 0; count < 100; ++count)
        log.ended(200, Begin + count);
    log.failed(Begin + NanosPerSecond - 1);
    log.ended(100, Begin + 2 * NanosPerSecond); // the second one stays empty
    const auto intervals = log.finish(Begin + 5 * NanosPerSecond / 2);
    QCOMPARE(intervals.size(), std::size_t(3));
    QCOMPARE(intervals[0].untilSeconds, 1.0);
    QCOMPARE(intervals[0].ended, std::uint64_t(100));
    QCOMPARE(intervals[0].failed, std::uint64_t(1));
    QCOMPARE(intervals[0].p50, std::optional<Nanos>(200));
    QVERIFY(!intervals[0].p99); // only one lies beyond it
    QCOMPARE(intervals[1].ended, std::uint64_t(0));
    QVERIFY(!intervals[1].max);
    QCOMPARE(intervals[2].untilSeconds, 2.5);
    QCOMPARE(intervals[2].ended, std::uint64_t(1));
    QCOMPARE(intervals[2].failed, std::uint64_t(0));
    QVERIFY(!intervals[2].p50);
    QCOMPARE(intervals[2].max, std::optional<Nanos>(100));
}

void TestIntervalLog::isSilentIfNotAsked()
{
    IntervalLog log(0, 0);
    log.ended(1, 1);
    log.failed(2);
    QVERIFY(log.finish(3).empty());
}

void TestIntervalLog::boundsTheirNumber()
{
    IntervalLog log(0, 1);
    const Nanos late = Nanos(IntervalLog::IntervalsMax + 5) * NanosPerSecond;
    log.ended(1, late);
    const auto intervals = log.finish(late + 1);
    QCOMPARE(intervals.size(), IntervalLog::IntervalsMax);
    QCOMPARE(intervals.back().ended, std::uint64_t(1));
}

QTEST_APPLESS_MAIN(TestIntervalLog)
#include "tst_interval_log.moc"
