// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/quota.h"
#include <QTest>
#include <random>
#include <vector>

using namespace weir;
using namespace weir::keys;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr base::Instant Start{hours(2000)};

} // namespace

class TestQuota : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsNoLimitByItself();
    void letsInAsManyAsAreReservedFor();
    void givesBackWhatWasNotUsed();
    void countsWhatWasUsedBeyond();
    void saysWhenAWindowFrees();
    void saysNoTimeWhereNoneIsKnown();
    void limitsRequestsPerMinute();
    void limitsConcurrentRequests();
    void tellsTheLimitThatLastsLongest();
    void neverOvershootsWhateverHappens();
};

void TestQuota::knowsNoLimitByItself()
{
    Quota quota({});
    for (int request = 0; request < 10'000; ++request) {
        QVERIFY(!quota.enter(Start));
        QVERIFY(!quota.reserve(1'000'000, Start));
    }
    QCOMPARE(quota.running(), 10'000);
    QCOMPARE(quota.reserved(), 10'000'000'000);
}

void TestQuota::letsInAsManyAsAreReservedFor()
{
    Limits limits;
    limits.tokensPerWindow = 50 * 100;
    Quota quota(limits);
    int passed = 0;
    for (int request = 0; request < 200; ++request)
        passed += !quota.reserve(100, Start);
    QCOMPARE(passed, 50);
}

void TestQuota::givesBackWhatWasNotUsed()
{
    Limits limits;
    limits.tokensPerWindow = 1000;
    Quota quota(limits);
    QVERIFY(!quota.reserve(900, Start));
    QVERIFY(quota.reserve(200, Start));
    quota.settle(900, 50, Start);
    QCOMPARE(quota.reserved(), 0);
    QCOMPARE(quota.tokensInWindow(Start), 50);
    QVERIFY(!quota.reserve(950, Start));
}

void TestQuota::countsWhatWasUsedBeyond()
{
    Limits limits;
    limits.tokensPerWindow = 1000;
    Quota quota(limits);
    QVERIFY(!quota.reserve(100, Start));
    quota.settle(100, 5000, Start);
    const auto denial = quota.reserve(1, Start);
    QVERIFY(denial);
    QCOMPARE(denial->used, 5000);
    QCOMPARE(denial->most, 1000);
}

void TestQuota::saysWhenAWindowFrees()
{
    Limits limits;
    limits.tokensPerWindow = 1000;
    Quota quota(limits);
    QVERIFY(!quota.reserve(1000, Start));
    quota.settle(1000, 1000, Start);
    const auto denial = quota.reserve(10, Start + hours(1));
    QVERIFY(denial && denial->freesIn);
    QCOMPARE(denial->limit, LimitKind::TokensPerWindow);
    QVERIFY(*denial->freesIn >= hours(4) && *denial->freesIn <= hours(4) + minutes(5));
    QVERIFY(!quota.reserve(10, Start + hours(1) + *denial->freesIn));
}

void TestQuota::saysNoTimeWhereNoneIsKnown()
{
    Limits limits;
    limits.tokensPerWindow = 1000;
    Quota quota(limits);
    const auto tooLarge = quota.reserve(1001, Start);
    QVERIFY(tooLarge && !tooLarge->freesIn);
    QVERIFY(!quota.reserve(1000, Start));
    const auto allReserved = quota.reserve(1, Start);
    QVERIFY(allReserved && !allReserved->freesIn);
}

void TestQuota::limitsRequestsPerMinute()
{
    Limits limits;
    limits.requestsPerMinute = 2;
    Quota quota(limits);
    QVERIFY(!quota.enter(Start));
    QVERIFY(!quota.enter(Start + seconds(20)));
    const auto denial = quota.enter(Start + seconds(30));
    QVERIFY(denial && denial->freesIn);
    QCOMPARE(denial->limit, LimitKind::RequestsPerMinute);
    QCOMPARE(denial->used, 2);
    QCOMPARE(quota.running(), 2); // who was denied is not counted
    QVERIFY(*denial->freesIn >= seconds(30) && *denial->freesIn <= seconds(31));
    QVERIFY(!quota.enter(Start + seconds(30) + *denial->freesIn));

    limits.requestsPerMinute = 0;
    Quota closed(limits);
    QVERIFY(!closed.enter(Start)->freesIn);
}

void TestQuota::limitsConcurrentRequests()
{
    Limits limits;
    limits.concurrent = 3;
    Quota quota(limits);
    for (int request = 0; request < 3; ++request)
        QVERIFY(!quota.enter(Start));
    QCOMPARE(quota.enter(Start)->limit, LimitKind::Concurrent);
    quota.leave();
    QVERIFY(!quota.enter(Start));
}

void TestQuota::tellsTheLimitThatLastsLongest()
{
    Limits limits;
    limits.tokensPerDay = limits.tokensPerWindow = limits.tokensPerMinute = 100;
    Quota quota(limits);
    QVERIFY(!quota.reserve(100, Start));
    quota.settle(100, 100, Start);
    QCOMPARE(quota.reserve(1, Start)->limit, LimitKind::TokensPerDay);
}

void TestQuota::neverOvershootsWhateverHappens()
{
    // Whatever the order of reservations, ends and pauses: no request is let through that would bring what is
    // reserved and used within the window above the limit.
    std::mt19937 random(4711);
    Limits limits;
    limits.tokensPerWindow = 10'000;
    Quota quota(limits);
    std::vector<std::int64_t> running;
    base::Instant now = Start;
    for (int step = 0; step < 20'000; ++step) {
        now += seconds(random() % 60);
        if (random() % 2 == 0) {
            const auto tokens = std::int64_t(random() % 3000);
            const std::int64_t before = quota.tokensInWindow(now) + quota.reserved();
            const auto denial = quota.reserve(tokens, now);
            QCOMPARE(denial.has_value(), before + tokens > 10'000);
            if (!denial)
                running.push_back(tokens);
        } else if (!running.empty()) {
            const std::size_t which = random() % running.size();
            const std::int64_t reserved = running[which];
            running.erase(running.begin() + std::ptrdiff_t(which));
            quota.settle(reserved, std::int64_t(random() % std::uint32_t(reserved + 1)), now);
        }
        QVERIFY(quota.reserved() >= 0);
        QVERIFY(quota.tokensInWindow(now) + quota.reserved() <= 10'000);
    }
}

QTEST_GUILESS_MAIN(TestQuota)
#include "tst_quota.moc"
