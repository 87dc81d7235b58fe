// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/accounts.h"

#include "support/manual_clock.h"
#include <QTest>
#include <random>

using namespace weir;
using namespace weir::pipeline;
using keys::LimitKind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

keys::Limits windowOf(std::int64_t tokens)
{
    keys::Limits limits;
    limits.tokensPerWindow = tokens;
    return limits;
}

keys::AccessKey keyOf(std::int64_t id, const keys::Limits &limits = {})
{
    keys::AccessKey key;
    key.id = id;
    key.limits = limits;
    return key;
}

SpentBefore before(std::vector<keys::KeySpent> spent)
{
    return std::make_shared<const std::vector<keys::KeySpent>>(std::move(spent));
}

} // namespace

class TestAccounts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void setsAsideWhatThereIsRoomFor();
    void countsInBothAccounts();
    void countsNothingOfWhatIsRefused();
    void givesBackWhatOnlyOneWouldTake();
    void settlesOnce();
    void takesNewLimitsWhileItsWindowLives();
    void keepsWhatIsCountedWhenTheWindowChanges_data();
    void keepsWhatIsCountedWhenTheWindowChanges();
    void knowsNoPastUntilItIsTold();
    void restoresAtTheFirstUse();
    void learnsOfKeysThatAreImported();
    void countsWhatIsInTheFutureFromNowOn();
    void tellsHowItStands();
    void dropsWhoeverIsGoneForLongest();
    void neverOvershootsWhateverHappens();

private:
    test::ManualClock m_clock;
};

void TestAccounts::countsInBothAccounts()
{
    Accounts accounts(windowOf(1000), m_clock);
    accounts.restore(before({}));
    const keys::AccessKey key = keyOf(7, windowOf(500));
    Claim claim;
    QVERIFY(!accounts.enter(claim, &key));
    QVERIFY(accounts.limitsTokens(claim));
    QVERIFY(!accounts.reserve(claim, 300, 300));
    auto states = accounts.states();
    QCOMPARE(states.size(), std::size_t(2));
    for (const metrics::KeyState &state : states) {
        QCOMPARE(state.reserved, 300);
        QCOMPARE(state.running, 1);
        QCOMPARE(state.tokensInWindow, 0);
    }
    accounts.settle(claim, 120);
    states = accounts.states();
    QCOMPARE(states[0].id, 0);
    QCOMPARE(*states[0].windowLimit, 1000);
    QCOMPARE(states[1].id, 7);
    QCOMPARE(*states[1].windowLimit, 500);
    for (const metrics::KeyState &state : states) {
        QCOMPARE(state.reserved, 0);
        QCOMPARE(state.running, 0);
        QCOMPARE(state.tokensInWindow, 120);
    }
}

void TestAccounts::countsNothingOfWhatIsRefused()
{
    keys::Limits one;
    one.concurrent = 1;
    one.requestsPerMinute = 10;
    Accounts accounts(one, m_clock);
    const keys::AccessKey key = keyOf(1, one);
    const keys::AccessKey other = keyOf(2, one);
    Claim running;
    QVERIFY(!accounts.enter(running, &key));
    for (int again = 0; again < 50; ++again) {
        Claim claim;
        const auto own = accounts.enter(claim, &key);
        QVERIFY(own && own->isOwn && own->denial.limit == LimitKind::Concurrent);
        const auto all = accounts.enter(claim, &other);
        QVERIFY(all && !all->isOwn);
        accounts.settle(claim, 100); // it never was in
    }
    QCOMPARE(accounts.states()[0].refused, std::uint64_t(50));
    QCOMPARE(accounts.states()[1].refused, std::uint64_t(50));
    QCOMPARE(accounts.states()[0].tokensInWindow, 0);
    accounts.settle(running, 0);
    Claim next; // neither minute has been used up by those
    QVERIFY(!accounts.enter(next, &other));
}

void TestAccounts::givesBackWhatOnlyOneWouldTake()
{
    Accounts accounts(windowOf(100), m_clock);
    accounts.restore(before({}));
    const keys::AccessKey key = keyOf(1, windowOf(1000));
    Claim claim;
    QVERIFY(!accounts.enter(claim, &key));
    const auto refusal = accounts.reserve(claim, 200, 200);
    QVERIFY(refusal && !refusal->isOwn && refusal->denial.isForEver());
    QCOMPARE(accounts.states()[1].reserved, 0);
    QVERIFY(!accounts.reserve(claim, 100, 100));
    accounts.settle(claim, 0);
}

void TestAccounts::setsAsideWhatThereIsRoomFor()
{
    Accounts accounts(windowOf(1000), m_clock);
    const keys::AccessKey key = keyOf(1, windowOf(300));
    Claim claim;
    QVERIFY(!accounts.enter(claim, &key));
    QVERIFY(accounts.reserve(claim, 301, 5000)); // not even the least
    QVERIFY(!accounts.reserve(claim, 10, 5000));
    QCOMPARE(claim.reserved, 300);
}

void TestAccounts::settlesOnce()
{
    Accounts accounts({}, m_clock);
    Claim claim;
    QVERIFY(!accounts.enter(claim, nullptr));
    accounts.settle(claim, 5);
    accounts.settle(claim, 5);
    QCOMPARE(accounts.states()[0].tokensInWindow, 5);
    QCOMPARE(accounts.states()[0].running, 0);
}

void TestAccounts::takesNewLimitsWhileItsWindowLives()
{
    Accounts accounts({}, m_clock);
    accounts.restore(before({}));
    keys::AccessKey key = keyOf(1);
    Claim claim;
    QVERIFY(!accounts.enter(claim, &key));
    QVERIFY(!accounts.limitsTokens(claim));
    accounts.settle(claim, 800);
    key.limits = windowOf(1000);
    Claim next;
    QVERIFY(!accounts.enter(next, &key));
    QVERIFY(accounts.reserve(next, 201, 201));
    QVERIFY(!accounts.reserve(next, 200, 200));
    key.limits = windowOf(500); // what runs goes on
    Claim third;
    QVERIFY(!accounts.enter(third, &key));
    const auto refusal = accounts.reserve(third, 1, 1);
    QVERIFY(refusal);
    QCOMPARE(refusal->denial.used, 1000);
    QCOMPARE(refusal->denial.most, 500);
    accounts.settle(next, 200);
    accounts.settle(third, 0);
}

void TestAccounts::keepsWhatIsCountedWhenTheWindowChanges_data()
{
    QTest::addColumn<int>("from"); // hours
    QTest::addColumn<int>("to");
    QTest::addColumn<int>("age");
    QTest::addColumn<bool>("counts");
    QTest::newRow("longer") << 1 << 5 << 0 << true;
    QTest::newRow("longer, by what the day knows") << 1 << 5 << 3 << true;
    QTest::newRow("shorter") << 5 << 1 << 0 << true;
    QTest::newRow("shorter, and it has left") << 5 << 1 << 2 << false;
    QTest::newRow("longer than a day") << 5 << 100 << 20 << true;
    QTest::newRow("shorter again") << 100 << 30 << 26 << true;
    QTest::newRow("much shorter") << 100 << 2 << 26 << false;
}

void TestAccounts::keepsWhatIsCountedWhenTheWindowChanges()
{
    QFETCH(int, from);
    QFETCH(int, to);
    QFETCH(int, age);
    QFETCH(bool, counts);
    keys::Limits limits = windowOf(1000);
    limits.window = hours(from);
    keys::Quota quota(limits);
    quota.settle(0, 700, m_clock.now());
    m_clock.advance(hours(age));
    limits.window = hours(to);
    quota.setLimits(limits, m_clock.now());
    QCOMPARE(quota.tokensInWindow(m_clock.now()), counts ? 700 : 0);
    QVERIFY(quota.limits() == limits);
    quota.settle(0, 1, m_clock.now());
    m_clock.advance(hours(to + 2)); // a bucket of a day longer at most
    QCOMPARE(quota.tokensInWindow(m_clock.now()), 0);
}

void TestAccounts::knowsNoPastUntilItIsTold()
{
    Accounts accounts({}, m_clock);
    const keys::AccessKey limited = keyOf(1, windowOf(100));
    keys::Limits brief;
    brief.tokensPerMinute = 5;
    brief.concurrent = 1;
    const keys::AccessKey shortly = keyOf(2, brief);
    QVERIFY(accounts.isPastUnknown(&limited));
    QVERIFY(!accounts.isPastUnknown(&shortly)); // a minute is over before a restart is
    QVERIFY(!accounts.isPastUnknown(nullptr));
    QVERIFY(Accounts(windowOf(1), m_clock).isPastUnknown(nullptr));
    accounts.restore(nullptr);
    QVERIFY(accounts.isPastUnknown(&limited));
    accounts.restore(before({{0, {{m_clock.wallNow(), 10}}}}));
    QVERIFY(!accounts.isPastUnknown(&limited));
    accounts.restore(before({{0, {{m_clock.wallNow(), 10}}}})); // told twice
    QCOMPARE(accounts.states()[0].tokensInWindow, 10);
}

void TestAccounts::learnsOfKeysThatAreImported()
{
    Accounts accounts(keys::Limits(), m_clock);
    accounts.restore(before({}));
    const keys::AccessKey used = keyOf(7, windowOf(500));
    Claim claim;
    QVERIFY(!accounts.enter(claim, &used));
    accounts.settle(claim, 30);
    // The one that has an account counts for itself; what is stored of it lags behind.
    accounts.restore(before({{7, {{m_clock.wallNow(), 20}}}, {8, {{m_clock.wallNow(), 400}}}}));
    QCOMPARE(accounts.standingOf(used).counted, std::int64_t(30));
    QCOMPARE(accounts.standingOf(keyOf(8, windowOf(500))).counted, std::int64_t(400));
}

void TestAccounts::restoresAtTheFirstUse()
{
    Accounts accounts(windowOf(10'000), m_clock);
    const keys::AccessKey early = keyOf(3); // used before anything was known
    Claim claim;
    QVERIFY(!accounts.enter(claim, &early));
    accounts.settle(claim, 5);
    const base::WallMs now = m_clock.wallNow();
    constexpr base::WallMs Hour = 3'600'000;
    accounts.restore(
        before({{0, {{now - Hour, 100}}}, {1, {{now - 6 * Hour, 30}, {now - Hour, 70}}}, {3, {{now, 40}}}}));
    QCOMPARE(accounts.standingOf(early).counted, 45);
    m_clock.advance(hours(1));
    m_clock.setWall(now +
                    365 * 24 * Hour); // the clock is set before the key comes: the past stays where it is
    keys::Limits day = windowOf(1000);
    day.tokensPerDay = 110;
    const keys::AccessKey key = keyOf(1, day);
    QCOMPARE(accounts.standingOf(key).counted, 70);
    QVERIFY(accounts.standingOf(key).windowEndsIn > hours(3) - minutes(6));
    QVERIFY(accounts.standingOf(key).windowEndsIn < hours(3) + minutes(6));
    Claim next;
    QVERIFY(!accounts.enter(next, &key));
    QCOMPARE(accounts.reserve(next, 11, 11)->denial.limit, LimitKind::TokensPerDay);
    accounts.settle(next, 0);
    m_clock.advance(hours(4));
    QCOMPARE(accounts.standingOf(key).counted, 0);
}

void TestAccounts::countsWhatIsInTheFutureFromNowOn()
{
    Accounts accounts({}, m_clock);
    // The clock has been set back by a year since.
    const base::WallMs later = m_clock.wallNow() + base::WallMs(365) * 24 * 3'600'000;
    accounts.restore(before({{1, {{later, 100}}}}));
    const keys::AccessKey key = keyOf(1, windowOf(100));
    Claim claim;
    QVERIFY(!accounts.enter(claim, &key));
    const auto refusal = accounts.reserve(claim, 1, 1);
    QVERIFY(refusal && *refusal->denial.freesIn <= hours(5) + minutes(5));
    m_clock.setWall(0); // and jumps while it runs: nothing changes
    m_clock.advance(*refusal->denial.freesIn - seconds(1));
    QVERIFY(accounts.reserve(claim, 1, 1));
    m_clock.advance(seconds(1));
    QVERIFY(!accounts.reserve(claim, 1, 1));
    accounts.settle(claim, 0);
}

void TestAccounts::tellsHowItStands()
{
    Accounts accounts(windowOf(1000), m_clock);
    accounts.restore(before({}));
    const keys::AccessKey plain = keyOf(1);
    const keys::AccessKey limited = keyOf(2, windowOf(400));
    Claim one;
    Claim two;
    QVERIFY(!accounts.enter(one, &plain) && !accounts.enter(two, &limited));
    QVERIFY(!accounts.reserve(one, 10, 10) && !accounts.reserve(two, 20, 20));
    QCOMPARE(*accounts.standing(one).windowLimit, 1000); // the only one that can stop it
    QCOMPARE(accounts.standing(one).used(), 30);
    QCOMPARE(*accounts.standing(two).windowLimit, 400);
    QCOMPARE(accounts.standing(two).used(), 20);
    accounts.settle(one, 0);
    accounts.settle(two, 0);
}

void TestAccounts::dropsWhoeverIsGoneForLongest()
{
    Accounts accounts({}, m_clock);
    accounts.restore(before({}));
    Claim running;
    const keys::AccessKey first = keyOf(1);
    QVERIFY(!accounts.enter(running, &first));
    for (std::int64_t id = 2; id <= std::int64_t(Accounts::KeysMax) + 500; ++id) {
        m_clock.advance(std::chrono::milliseconds(1));
        const keys::AccessKey key = keyOf(id);
        Claim claim;
        QVERIFY(!accounts.enter(claim, &key));
        accounts.settle(claim, 1);
    }
    const auto states = accounts.states();
    QCOMPARE(states.size(), Accounts::KeysMax + 1);
    QCOMPARE(states[1].id, 1); // not while it runs
    QCOMPARE(states[2].id, 502);
    accounts.settle(running, 0);
}

void TestAccounts::neverOvershootsWhateverHappens()
{
    // Against a model that remembers everything: whatever comes in whatever order, no account ever has more
    // reserved and used within its window than its limit, or less than nothing, and both agree on the sums.
    std::mt19937 random(90);
    struct Running
    {
        std::unique_ptr<Claim> claim;
        std::size_t key;
        std::int64_t reserved;
    };
    std::vector<keys::AccessKey> keys{keyOf(1, windowOf(5'000)), keyOf(2, windowOf(20'000)), keyOf(3)};
    constexpr std::int64_t Most = 15'000;
    Accounts accounts(windowOf(Most), m_clock);
    accounts.restore(before({}));
    std::vector<Running> running;
    std::array<std::int64_t, 3> runningOf{};
    std::array<std::int64_t, 3> reservedOf{};
    for (int step = 0; step < 30'000; ++step) {
        if (random() % 3 == 0)
            m_clock.advance(seconds(random() % 600));
        if (random() % 50 == 0)
            m_clock.setWall(base::WallMs(random()) * 1000); // nobody may care
        if (random() % 2 == 0) {
            const std::size_t number = random() % keys.size();
            const auto tokens = std::int64_t(random() % 3000);
            auto claim = std::make_unique<Claim>();
            QVERIFY(!accounts.enter(*claim, &keys[number]));
            const Standing own = accounts.standingOf(keys[number]);
            const std::int64_t all = accounts.states()[0].tokensInWindow + accounts.states()[0].reserved;
            const bool fits = own.used() + tokens <= own.windowLimit.value_or(Most) && all + tokens <= Most;
            QCOMPARE(!accounts.reserve(*claim, tokens, tokens), fits);
            if (!fits) {
                accounts.settle(*claim, 0);
                continue;
            }
            ++runningOf[number];
            reservedOf[number] += tokens;
            running.push_back({std::move(claim), number, tokens});
        } else if (!running.empty()) {
            const std::size_t which = random() % running.size();
            Running ends = std::move(running[which]);
            running.erase(running.begin() + std::ptrdiff_t(which));
            accounts.settle(*ends.claim, std::int64_t(random() % std::uint32_t(ends.reserved + 1)));
            --runningOf[ends.key];
            reservedOf[ends.key] -= ends.reserved;
        }
        std::int64_t sum = 0;
        for (const metrics::KeyState &state : accounts.states()) {
            QVERIFY(state.tokensInWindow >= 0 && state.reserved >= 0 && state.running >= 0);
            QVERIFY(state.tokensInWindow + state.reserved <= state.windowLimit.value_or(Most));
            if (state.id == 0)
                continue;
            sum += state.tokensInWindow;
            QCOMPARE(state.running, runningOf[std::size_t(state.id - 1)]);
            QCOMPARE(state.reserved, reservedOf[std::size_t(state.id - 1)]);
        }
        QCOMPARE(accounts.states()[0].tokensInWindow, sum);
    }
    for (const Running &each : running)
        accounts.settle(*each.claim, 0);
}

QTEST_GUILESS_MAIN(TestAccounts)
#include "tst_accounts.moc"
