// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"
#include "support/manual_clock.h"
#include <QTest>

using namespace weir;

class TestClock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void coarseTimeIsTheSameClocksAFewMillisecondsLate();
    void aManualClockIsExact();
};

void TestClock::coarseTimeIsTheSameClocksAFewMillisecondsLate()
{
    const base::SystemClock clock;
    base::Instant before{};
    for (int look = 0; look < 1000; ++look) {
        const base::Instant earliest = clock.now() - base::Clock::CoarseBehind;
        const base::Instant coarse = clock.coarseNow();
        const base::Instant latest = clock.now();
        QVERIFY(coarse >= earliest);
        QVERIFY(coarse <= latest);
        QVERIFY(coarse >= before);
        before = coarse;
    }
    QTRY_VERIFY(clock.coarseNow() > before); // it moves
}

void TestClock::aManualClockIsExact()
{
    test::ManualClock clock;
    clock.advance(std::chrono::nanoseconds(1));
    QCOMPARE(clock.coarseNow(), clock.now());
}

QTEST_GUILESS_MAIN(TestClock)
#include "tst_clock.moc"
