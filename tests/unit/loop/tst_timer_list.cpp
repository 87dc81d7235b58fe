// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/timer_list.h"
#include <QTest>

using namespace weir::loop;
using namespace std::chrono_literals;

class TestTimerList : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void firesWhatIsDueInItsOrder();
    void keepsStepUnlessABeatIsMissed();
    void firesOneOfNoIntervalOnceEachTime();
    void mayBeChangedByWhatItFires();
    void doesNotFireWhatHasNotReturned();
    void removesByIdAndByObject();
    void roundsUp();

private:
    /// Ids as they fire, one digit each.
    static QByteArray fire(TimerList &timers, TimerList::Instant now)
    {
        QByteArray fired;
        const int count = timers.fireDue(now, [&](int id, QObject *) { fired += QByteArray::number(id); });
        return count == fired.size() ? fired : QByteArray("miscounted");
    }
    const TimerList::Instant start{1000s};
    QObject one;
    QObject other;
};

void TestTimerList::firesWhatIsDueInItsOrder()
{
    TimerList timers;
    timers.add(1, 30, Qt::CoarseTimer, &one, start);
    timers.add(2, 10, Qt::PreciseTimer, &one, start);
    timers.add(3, 30, Qt::CoarseTimer, &one, start); // after 1, which was there before
    QCOMPARE(timers.untilFirst(start), std::optional<int>(10));
    QCOMPARE(fire(timers, start + 9ms), QByteArray());
    QCOMPARE(fire(timers, start + 10ms), QByteArray("2"));
    QCOMPARE(fire(timers, start + 30ms), QByteArray("213"));
}

void TestTimerList::keepsStepUnlessABeatIsMissed()
{
    TimerList timers;
    timers.add(1, 10, Qt::CoarseTimer, &one, start);
    QCOMPARE(fire(timers, start + 14ms), QByteArray("1"));
    QCOMPARE(timers.remaining(1, start + 14ms), 6);        // due at 20, not at 24
    QCOMPARE(fire(timers, start + 57ms), QByteArray("1")); // once, not four times
    QCOMPARE(timers.remaining(1, start + 57ms), 10);
}

void TestTimerList::firesOneOfNoIntervalOnceEachTime()
{
    TimerList timers;
    timers.add(1, 0, Qt::CoarseTimer, &one, start);
    timers.add(2, 0, Qt::CoarseTimer, &one, start);
    QCOMPARE(timers.untilFirst(start), std::optional<int>(0));
    QCOMPARE(fire(timers, start), QByteArray("12"));
    QCOMPARE(fire(timers, start), QByteArray("12"));
}

void TestTimerList::mayBeChangedByWhatItFires()
{
    TimerList timers;
    timers.add(1, 10, Qt::CoarseTimer, &one, start);
    timers.add(2, 10, Qt::CoarseTimer, &one, start);
    QByteArray fired;
    timers.fireDue(start + 10ms, [&](int id, QObject *) {
        fired += QByteArray::number(id);
        timers.remove(1); // itself
        timers.remove(2); // the next one
        timers.add(3, 0, Qt::CoarseTimer, &one, start + 10ms);
    });
    QCOMPARE(fired.left(1), QByteArray("1"));
    QVERIFY(!fired.contains('2'));
    QCOMPARE(timers.remaining(1, start), -1);
    QCOMPARE(fire(timers, start + 11ms), QByteArray("3"));
}

void TestTimerList::doesNotFireWhatHasNotReturned()
{
    TimerList timers;
    timers.add(1, 0, Qt::CoarseTimer, &one, start);
    timers.add(2, 0, Qt::CoarseTimer, &one, start);
    QByteArray within;
    timers.fireDue(start, [&](int id, QObject *) {
        if (id == 1 && within.isEmpty())
            within = fire(timers, start + 1ms);
    });
    QCOMPARE(within, QByteArray("2"));
}

void TestTimerList::removesByIdAndByObject()
{
    TimerList timers;
    timers.add(1, 10, Qt::CoarseTimer, &one, start);
    timers.add(2, 20, Qt::VeryCoarseTimer, &other, start);
    timers.add(3, 30, Qt::CoarseTimer, &one, start);
    QCOMPARE(timers.of(&other).size(), 1);
    QCOMPARE(timers.of(&other)[0].timerId, 2);
    QCOMPARE(timers.of(&other)[0].interval, 20);
    QCOMPARE(timers.of(&other)[0].timerType, Qt::VeryCoarseTimer);
    QVERIFY(timers.removeAll(&one));
    QVERIFY(!timers.removeAll(&one));
    QVERIFY(!timers.remove(1));
    QVERIFY(timers.remove(2));
    QCOMPARE(timers.untilFirst(start), std::optional<int>());
}

void TestTimerList::roundsUp()
{
    TimerList timers;
    timers.add(1, 10, Qt::CoarseTimer, &one, start);
    QCOMPARE(timers.remaining(1, start + 1us), 10); // to wake earlier would be to wake twice
    QCOMPARE(timers.remaining(1, start + 9999us), 1);
    QCOMPARE(timers.remaining(1, start + 20ms), 0);
    timers.add(2, std::int64_t(1) << 40, Qt::CoarseTimer, &one, start);
    QCOMPARE(timers.remaining(2, start), std::numeric_limits<int>::max());
}

QTEST_APPLESS_MAIN(TestTimerList)
#include "tst_timer_list.moc"
