// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/health.h"
#include <QTest>

using namespace weir;
using namespace weir::upstream;
using base::Errc;
using base::Instant;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Instant Start{seconds(1000)};

/// A breaker after `count` failures one after the other, each at the moment it was allowed.
Breaker failed(int count, Instant *now)
{
    Breaker breaker;
    *now = Start;
    for (int number = 0; number < count; ++number) {
        *now = std::max(*now, breaker.retryAt());
        breaker.failed(*now, *now + milliseconds(1));
        *now += milliseconds(1);
    }
    return breaker;
}

} // namespace

class TestHealth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void backsOff_data();
    void backsOff();
    void opensAndTriesAgain();
    void countsAWaveOnce();
    void knowsWhatNeverStood();
};

void TestHealth::backsOff_data()
{
    QTest::addColumn<int>("failures");
    QTest::addColumn<int>("pauseMs");
    QTest::addColumn<bool>("opens");
    QTest::newRow("the first") << 1 << 100 << false;
    QTest::newRow("each doubles") << 2 << 200 << false;
    QTest::newRow("the last before it opens") << 4 << 800 << false;
    QTest::newRow("it opens") << 5 << 1600 << true;
    QTest::newRow("never longer than the most") << 6 << 3000 << true;
    QTest::newRow("nor after a night") << 100'000 << 3000 << true;
}

void TestHealth::backsOff()
{
    QFETCH(int, failures);
    QFETCH(int, pauseMs);
    QFETCH(bool, opens);
    Instant now;
    const Breaker breaker = failed(failures, &now);
    QCOMPARE(breaker.failures(), failures);
    QCOMPARE(breaker.retryAt() - now, base::Duration(milliseconds(pauseMs)));
    QVERIFY(!breaker.mayTry(breaker.retryAt() - milliseconds(1), 0));
    QVERIFY(breaker.mayTry(breaker.retryAt(), 0));
    QVERIFY(!breaker.mayTry(breaker.retryAt(), 1)); // one at a time
    QVERIFY(breaker.state(now) == (opens ? BreakerState::Open : BreakerState::Closed));
}

void TestHealth::opensAndTriesAgain()
{
    Instant now;
    Breaker breaker = failed(Breaker::FailuresToOpen, &now);
    const Instant retryAt = breaker.retryAt();
    QVERIFY(breaker.state(retryAt - milliseconds(1)) == BreakerState::Open);
    QVERIFY(breaker.state(retryAt) == BreakerState::HalfOpen);
    breaker.failed(retryAt, retryAt + seconds(1));
    QVERIFY(breaker.state(retryAt + seconds(1)) == BreakerState::Open);
    breaker.succeeded();
    QVERIFY(breaker.state(retryAt) == BreakerState::Closed);
    QVERIFY(breaker.mayTry(retryAt, 9));
    QCOMPARE(breaker.failures(), 0);
}

void TestHealth::countsAWaveOnce()
{
    Breaker breaker;
    for (int lane = 0; lane < 10; ++lane)
        breaker.failed(Start, Start + milliseconds(5));
    QCOMPARE(breaker.failures(), 1);
    breaker.failed(Start + milliseconds(105), Start + milliseconds(106));
    QCOMPARE(breaker.failures(), 2);
}

void TestHealth::knowsWhatNeverStood()
{
    QVERIFY(isConnectFailure(Errc::UpstreamRefused));
    QVERIFY(isConnectFailure(Errc::ConnectTimeout));
    QVERIFY(!isConnectFailure(Errc::None));
    QVERIFY(!isConnectFailure(Errc::UpstreamClosed));
    QVERIFY(!isConnectFailure(Errc::FirstByteTimeout));
}

QTEST_GUILESS_MAIN(TestHealth)
#include "tst_health.moc"
