// SPDX-License-Identifier: GPL-3.0-or-later
// What is added up while rows are written: names within their bounds, totals of keys, what was refused.
#include "store/usage_writer.h"

#include "store/key_store.h"
#include "store/retention.h"
#include "store/usage_query.h"
#include "unit/store/store_fixture.h"
#include "unit/store/usage_rows.h"
#include <limits>
#include <QTest>

using namespace weir;
using namespace weir::store;
using base::Errc;
using test::someKey;
using test::StoreFixture;
using test::UsageStart;

namespace {

constexpr TimeRange Always{0, std::numeric_limits<base::WallMs>::max()};

UsageRow rowOfKey(std::int64_t sequence, std::int64_t keyId)
{
    UsageRow row;
    row.sequence = sequence;
    row.at = UsageStart;
    row.keyId = keyId;
    row.tool = "Codex";
    row.provider = "zai";
    row.modelServed = "glm";
    row.usage = {100, 50, 0, 7, 0, true};
    return row;
}

/// `count` rows of a key, each with a model of its own.
std::vector<UsageRow> inventing(std::int64_t count, std::int64_t keyId, std::int64_t from = 0)
{
    std::vector<UsageRow> rows;
    for (std::int64_t number = from; number < from + count; ++number) {
        rows.push_back(rowOfKey(number, keyId));
        rows.back().modelServed = "model " + std::to_string(number);
    }
    return rows;
}

} // namespace

class TestUsageWriter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void foldsNamesBeyondTheirBound();
    void foldsNoNameThatIsKnown();
    void foldsEachKeyForItself();
    void foldsCallersToo();
    void cutsLongNames_data();
    void cutsLongNames();
    void totalsAKeyForItsWholeLife();
    void totalsARowOnce();
    void totalsNothingOfAKeyThatIsGone();
    void countsWhatWasRefused();
    void countsNothingWithoutTheRows();
    void removesWhatWasRefusedLongAgo();

private:
    std::int64_t number(const char *sql)
    {
        const auto answer = m_database->number(sql);
        return answer ? *answer : -1;
    }

    std::unique_ptr<StoreFixture> m_fixture;
    std::unique_ptr<Database> m_database;
};

void TestUsageWriter::init()
{
    m_database.reset();
    m_fixture = std::make_unique<StoreFixture>();
    auto opened = m_fixture->open();
    VERIFY_RESULT(opened);
    m_database = std::move(*opened);
}

void TestUsageWriter::foldsNamesBeyondTheirBound()
{
    constexpr std::int64_t Count = 5'000;
    for (std::int64_t from = 0; from < Count; from += 500)
        VERIFY_RESULT(writeUsage(*m_database, inventing(500, 0, from)));
    QCOMPARE(number("SELECT count(*) FROM usage_hour"), NamesMax + 1);
    QCOMPARE(number("SELECT sum(requests) FROM usage_hour"), Count);
    QCOMPARE(number("SELECT sum(input) FROM usage_hour"), Count * 100);
    QCOMPARE(number("SELECT requests FROM usage_hour WHERE model = 'other' AND tool = 'other'"),
             Count - NamesMax);
    QCOMPARE(number("SELECT count(DISTINCT model) FROM usage"),
             Count); // rows keep their names, for their time
    // The next hour begins anew.
    UsageRow later = rowOfKey(Count, 0);
    later.at += HourMs;
    VERIFY_RESULT(writeUsage(*m_database, std::vector{later}));
    QCOMPARE(number("SELECT count(*) FROM usage_hour WHERE model = 'glm'"), std::int64_t(1));
}

void TestUsageWriter::foldsNoNameThatIsKnown()
{
    VERIFY_RESULT(writeUsage(*m_database, std::vector{rowOfKey(9'999, 0)}));
    VERIFY_RESULT(writeUsage(*m_database, inventing(NamesMax * 2, 0)));
    VERIFY_RESULT(writeUsage(*m_database, std::vector{rowOfKey(10'000, 0)}));
    QCOMPARE(number("SELECT requests FROM usage_hour WHERE model = 'glm' AND tool = 'Codex'"),
             std::int64_t(2));
}

void TestUsageWriter::foldsEachKeyForItself()
{
    VERIFY_RESULT(writeUsage(*m_database, inventing(NamesMax * 2, 5)));
    VERIFY_RESULT(writeUsage(*m_database, std::vector{rowOfKey(9'998, 6), rowOfKey(9'999, 0)}));
    QCOMPARE(number("SELECT count(*) FROM usage_hour WHERE model = 'glm'"), std::int64_t(2));
    QCOMPARE(number("SELECT count(*) FROM usage_hour WHERE key_id = 5"), NamesMax + 1);
    // Who has used how much stays exact.
    QCOMPARE(UsageQuery(*m_database).total(Always, 5)->requests, NamesMax * 2);
}

void TestUsageWriter::foldsCallersToo()
{
    std::vector<UsageRow> rows;
    for (std::int64_t at = 0; at < NamesMax * 3; ++at) {
        rows.push_back(rowOfKey(at, 0));
        rows.back().caller = "caller " + std::to_string(at);
        rows.back().provider = at % 2 ? "zai" : "openai"; // those of the configuration, which are few
    }
    VERIFY_RESULT(writeUsage(*m_database, rows));
    QCOMPARE(number("SELECT count(*) FROM usage_hour"), NamesMax + 2);
    QCOMPARE(number("SELECT sum(requests) FROM usage_hour WHERE caller = 'other'"), NamesMax * 2);
}

void TestUsageWriter::cutsLongNames_data()
{
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<QByteArray>("kept");
    const QByteArray most(SummedModelMax, 'm');
    QTest::newRow("as long as may be") << most << most;
    QTest::newRow("a byte longer") << most + 'm' << most;
    QTest::newRow("half a character at the end") << most.chopped(1) + "\u00fc" << most.chopped(1);
    QTest::newRow("a whole one") << most.chopped(2) + "\u00fcx" << most.chopped(2) + "\u00fc";
    QTest::newRow("no text at all") << QByteArray(500, char(0x80)) << QByteArray();
}

void TestUsageWriter::cutsLongNames()
{
    QFETCH(QByteArray, model);
    QFETCH(QByteArray, kept);
    UsageRow row = rowOfKey(1, 0);
    row.modelServed = model.toStdString();
    VERIFY_RESULT(writeUsage(*m_database, std::vector{row}));
    Statement select = m_database->prepare("SELECT model FROM usage_hour");
    VERIFY_RESULT(select.run());
    QVERIFY(select.next());
    QCOMPARE(QByteArray::fromStdString(select.text(0)), kept);
}

void TestUsageWriter::totalsAKeyForItsWholeLife()
{
    KeyStore keys(*m_database);
    const std::int64_t one = keys.insert(someKey(1))->id;
    const std::int64_t two = keys.insert(someKey(2))->id;
    UsageRow later = rowOfKey(3, two);
    later.at += 5;
    VERIFY_RESULT(writeUsage(*m_database, std::vector{rowOfKey(1, one), later, rowOfKey(4, 0)}));
    VERIFY_RESULT(writeUsage(*m_database, std::vector{rowOfKey(5, two)})); // began before, ended after
    QCOMPARE(*keys.lifetimeTokens(one), std::int64_t(107));
    QCOMPARE(*keys.lifetimeTokens(two), std::int64_t(214));
    QCOMPARE(keys.get(two)->lastUsedAt, std::optional<base::WallMs>(UsageStart + 5));
    // Rows and hours go; what a key has used stays.
    while (*retainStep(*m_database, {1, 200}, UsageStart + 500 * 86'400'000LL)) {
    }
    QCOMPARE(number("SELECT count(*) FROM usage_hour"), std::int64_t(0));
    QCOMPARE(*keys.lifetimeTokens(two), std::int64_t(214));
    // However much a provider claims.
    for (std::int64_t at = 10; at < 30; ++at) {
        UsageRow row = rowOfKey(at, one);
        row.usage.input = std::numeric_limits<std::int64_t>::max();
        VERIFY_RESULT(writeUsage(*m_database, std::vector{row}));
    }
    QCOMPARE(*keys.lifetimeTokens(one), std::int64_t(1) << 52);
}

void TestUsageWriter::totalsARowOnce()
{
    KeyStore keys(*m_database);
    const std::int64_t one = keys.insert(someKey(1))->id;
    for (int time = 0; time < 3; ++time) // it was not known whether they got through
        VERIFY_RESULT(writeUsage(*m_database, std::vector{rowOfKey(1, one), rowOfKey(2, one)}));
    QCOMPARE(*keys.lifetimeTokens(one), std::int64_t(214));
}

void TestUsageWriter::totalsNothingOfAKeyThatIsGone()
{
    KeyStore keys(*m_database);
    const std::int64_t one = keys.insert(someKey(1))->id;
    VERIFY_RESULT(keys.remove(one));
    VERIFY_RESULT(writeUsage(*m_database, std::vector{rowOfKey(1, one)})); // its last request ends
    QCOMPARE(keys.lifetimeTokens(one).error().code, Errc::NotStored);
    QCOMPARE(number("SELECT sum(requests) FROM usage_hour"), std::int64_t(1));
}

void TestUsageWriter::countsWhatWasRefused()
{
    Refusals refusals;
    for (int time = 0; time < 3; ++time)
        refusals.add(Errc::UnknownKey, UsageStart);
    refusals.add(Errc::LimitReached, UsageStart);
    VERIFY_RESULT(writeUsage(*m_database, {}, refusals));
    Refusals later;
    later.add(Errc::LimitReached, UsageStart + HourMs);
    VERIFY_RESULT(writeUsage(*m_database, {}, later));
    VERIFY_RESULT(writeUsage(*m_database, {}, later));

    using Reasons = std::vector<std::pair<std::string, std::int64_t>>;
    const UsageQuery query(*m_database);
    QCOMPARE(*query.refused(Always), (Reasons{{"limit_reached", 3}, {"unknown_key", 3}}));
    QCOMPARE(*query.refused({UsageStart + 1, UsageStart + 2}), // all of that hour
             (Reasons{{"unknown_key", 3}, {"limit_reached", 1}}));
    QCOMPARE(*query.refused({hourOf(UsageStart) + HourMs, Always.to}), (Reasons{{"limit_reached", 2}}));
    QCOMPARE(*query.refused({0, hourOf(UsageStart)}), Reasons{});
    QVERIFY(*query.total(Always) == UsageSum{}); // it is no usage
}

void TestUsageWriter::countsNothingWithoutTheRows()
{
    VERIFY_RESULT(m_database->execute("CREATE TRIGGER full BEFORE INSERT ON refused BEGIN"
                                      " SELECT RAISE(FAIL, 'full'); END"));
    KeyStore keys(*m_database);
    const std::int64_t one = keys.insert(someKey(1))->id;
    Refusals refusals;
    refusals.add(Errc::UnknownKey, UsageStart);
    QVERIFY(!writeUsage(*m_database, std::vector{rowOfKey(1, one)}, refusals));
    QCOMPARE(number("SELECT count(*) FROM usage"), std::int64_t(0));
    QCOMPARE(*keys.lifetimeTokens(one), std::int64_t(0));
}

void TestUsageWriter::removesWhatWasRefusedLongAgo()
{
    Refusals refusals;
    refusals.add(Errc::UnknownKey, UsageStart);
    VERIFY_RESULT(writeUsage(*m_database, {}, refusals));
    const base::WallMs end = hourOf(UsageStart) + KeepHourlyDays * 86'400'000LL;
    while (*retainStep(*m_database, {30, 200}, end)) {
    }
    QCOMPARE(number("SELECT count(*) FROM refused"), std::int64_t(1));
    while (*retainStep(*m_database, {30, 200}, end + HourMs)) {
    }
    QCOMPARE(number("SELECT count(*) FROM refused"), std::int64_t(0));
    // And where there is no room at all.
    VERIFY_RESULT(writeUsage(*m_database, {}, refusals));
    while (*retainStep(*m_database, {30, 0}, UsageStart)) {
    }
    QCOMPARE(number("SELECT count(*) FROM refused"), std::int64_t(0));
}

QTEST_GUILESS_MAIN(TestUsageWriter)
#include "tst_usage_writer.moc"
