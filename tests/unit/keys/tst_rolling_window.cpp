// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/rolling_window.h"
#include <deque>
#include <QTest>
#include <random>

using namespace weir;
using namespace weir::keys;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr base::Instant Start{hours(1000) + seconds(7)};
constexpr base::Duration Bucket = minutes(5);

/// The same window the slow way: every amount kept with its time.
class Reference
{
public:
    explicit Reference(base::Duration length) : m_length(length) {}
    void add(std::int64_t amount, base::Instant now) { m_spent.emplace_back(now, amount); }
    /// What was spent after now - length - slack.
    std::int64_t used(base::Instant now, base::Duration slack) const
    {
        std::int64_t sum = 0;
        for (const auto &[at, amount] : m_spent)
            sum += at > now - m_length - slack ? amount : 0;
        return sum;
    }

private:
    const base::Duration m_length;
    std::deque<std::pair<base::Instant, std::int64_t>> m_spent;
};

} // namespace

class TestRollingWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isEmptyAtFirst();
    void keepsForTheWholeWindow();
    void forgetsAllAfterALongPause();
    void tellsWhenRoomComes();
    void staysWithinItsBounds();
    void takesAnEarlierInstantForTheLast();
    void survivesARestart();
    void locksNobodyOutWhenTheClockWasSetBack();
    void agreesWithTheSlowReference();
};

void TestRollingWindow::isEmptyAtFirst()
{
    RollingWindow window(hours(5));
    QCOMPARE(window.used(Start), 0);
    QCOMPARE(window.timeUntilAtMost(0, Start), base::Duration::zero());
    QVERIFY(window.toRest(Start, 1'000'000).empty());
    QCOMPARE(window.length(), base::Duration(hours(5)));
}

void TestRollingWindow::keepsForTheWholeWindow()
{
    RollingWindow window(hours(5));
    window.add(100, Start);
    QCOMPARE(window.used(Start + hours(5)), 100);        // not a second early …
    QCOMPARE(window.used(Start + hours(5) + Bucket), 0); // … and one bucket later at the latest
}

void TestRollingWindow::forgetsAllAfterALongPause()
{
    RollingWindow window(hours(5));
    for (int step = 0; step < 200; ++step)
        window.add(1, Start + step * minutes(3));
    QVERIFY(window.used(Start + 200 * minutes(3)) >= 100);
    QCOMPARE(window.used(Start + hours(24 * 365)), 0);
    window.add(5, Start + hours(24 * 365));
    QCOMPARE(window.used(Start + hours(24 * 365)), 5);
}

void TestRollingWindow::tellsWhenRoomComes()
{
    RollingWindow window(hours(5));
    window.add(40, Start);
    window.add(60, Start + hours(1));
    const base::Instant now = Start + hours(2);
    QCOMPARE(window.timeUntilAtMost(100, now), base::Duration::zero());
    const base::Duration forSome = window.timeUntilAtMost(60, now);
    const base::Duration forAll = window.timeUntilAtMost(0, now);
    QVERIFY(forSome >= hours(3) && forSome <= hours(3) + Bucket);
    QVERIFY(forAll >= hours(4) && forAll <= hours(4) + Bucket);
    // It is true to the moment: a little earlier there is none.
    RollingWindow before = window;
    QCOMPARE(before.used(now + forSome - base::Duration(1)), 100);
    QCOMPARE(window.used(now + forSome), 60);
    QCOMPARE(window.timeUntilAtMost(-5, now + forSome), forAll - forSome);
}

void TestRollingWindow::staysWithinItsBounds()
{
    RollingWindow window(hours(5));
    window.add(-7, Start);
    QCOMPARE(window.used(Start), 0);
    window.add(RollingWindow::AmountMax, Start);
    window.add(std::numeric_limits<std::int64_t>::max(), Start);
    QCOMPARE(window.used(Start), RollingWindow::AmountMax);
    QCOMPARE(window.used(Start + hours(6)), 0);
}

void TestRollingWindow::takesAnEarlierInstantForTheLast()
{
    RollingWindow window(hours(5));
    window.add(10, Start + hours(2));
    window.add(10, Start);
    QCOMPARE(window.used(Start), 20);
    QCOMPARE(window.used(Start + hours(7)), 20);
    QCOMPARE(window.used(Start + hours(7) + Bucket), 0);
}

void TestRollingWindow::survivesARestart()
{
    RollingWindow window(hours(5));
    window.add(40, Start);
    window.add(60, Start + hours(1));
    constexpr base::WallMs Wall = 1'800'000'000'000;
    const auto rest = window.toRest(Start + hours(2), Wall);
    QCOMPARE(rest.size(), std::size_t(2));
    QCOMPARE(rest[0].amount, 40);
    QCOMPARE(rest[1].amount, 60);
    QVERIFY(rest[0].at < rest[1].at && rest[1].at <= Wall);

    // The monotonic clock of the new life has nothing to do with that of the old one; an hour has passed.
    constexpr base::Instant Reborn{seconds(90'000)};
    constexpr base::WallMs Later = Wall + 3'600'000;
    RollingWindow restored(hours(5));
    restored.restore(rest, Reborn, Later);
    QCOMPARE(restored.used(Reborn), 100);
    QCOMPARE(restored.used(Reborn + hours(1) + minutes(55)), 100);
    QCOMPARE(restored.used(Reborn + hours(2) + 2 * Bucket), 60);
    QCOMPARE(restored.used(Reborn + hours(3) + 2 * Bucket), 0);

    RollingWindow muchLater(hours(5));
    muchLater.restore(rest, Reborn, Wall + 10 * 3'600'000);
    QCOMPARE(muchLater.used(Reborn), 0);
}

void TestRollingWindow::locksNobodyOutWhenTheClockWasSetBack()
{
    RollingWindow window(hours(5));
    constexpr base::WallMs Wall = 1'800'000'000'000;
    window.restore({{Wall + 1'000'000'000, 70}}, Start, Wall);
    QCOMPARE(window.used(Start), 70);
    QCOMPARE(window.used(Start + hours(5) + Bucket), 0);
}

void TestRollingWindow::agreesWithTheSlowReference()
{
    std::mt19937 random(20'260'101);
    for (int round = 0; round < 20; ++round) {
        RollingWindow window(hours(5));
        Reference reference(hours(5));
        base::Instant now = Start;
        for (int step = 0; step < 500; ++step) {
            now += seconds(random() % 2000);
            const auto amount = std::int64_t(random() % 1000);
            window.add(amount, now);
            reference.add(amount, now);
            const std::int64_t used = window.used(now);
            // Never less than what the window holds, never more than one bucket beyond it.
            QVERIFY(used >= reference.used(now, base::Duration::zero()));
            QVERIFY(used <= reference.used(now, Bucket));
        }
    }
}

QTEST_GUILESS_MAIN(TestRollingWindow)
#include "tst_rolling_window.moc"
