// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usage_query.h"

#include "store/retention.h"
#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include "unit/store/usage_rows.h"
#include <functional>
#include <limits>
#include <map>
#include <QElapsedTimer>
#include <QTest>

using namespace weir;
using namespace weir::store;
using test::StoreFixture;
using test::usageRow;
using test::usageRows;
using test::UsageStart;

namespace {

constexpr std::int64_t RowCount = 3000; // more than two days
constexpr TimeRange Always{0, std::numeric_limits<std::int64_t>::max()};

/// The same question, answered by adding up row for row.
std::map<std::string, UsageSum> addedUp(TimeRange range,
                                        const std::function<std::string(const UsageRow &)> &group,
                                        std::optional<std::int64_t> keyId = {})
{
    std::map<std::string, UsageSum> sums;
    for (const UsageRow &row : usageRows(0, RowCount)) {
        if (row.at < range.from || row.at >= range.to || (keyId && row.keyId != *keyId))
            continue;
        UsageSum &sum = sums[group(row)];
        sum.group = group(row);
        sum.requests += 1;
        sum.errors += row.isError();
        sum.estimated += row.isEstimated;
        sum.input += row.usage.input;
        sum.cachedInput += row.usage.cachedInput;
        sum.cacheWrite += row.usage.cacheWrite;
        sum.output += row.usage.output;
        sum.reasoning += row.usage.reasoning;
        sum.costed += row.costMicros.has_value();
        sum.costMicros += row.costMicros.value_or(0);
        sum.ownMicros += row.ownMicros;
        sum.totalMicros += row.totalMicros;
    }
    return sums;
}

std::map<std::string, UsageSum> byGroup(const std::vector<UsageSum> &sums)
{
    std::map<std::string, UsageSum> found;
    for (const UsageSum &sum : sums)
        found.emplace(sum.group, sum);
    return found;
}

std::string dayOf(const UsageRow &row)
{
    return QDateTime::fromMSecsSinceEpoch(row.at, Qt::UTC).date().toString(Qt::ISODate).toStdString();
}

} // namespace

class TestUsageQuery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void addsUpLikeTheRows_data();
    void addsUpLikeTheRows();
    void cutsHoursToTheMillisecond();
    void addsUpOneKey();
    void foldsDaysOfAZone();
    void sortsByRequests();
    void knowsNothingOfAnEmptyRange();
    void boundsItsGroups();
    void surelyAddsHugeNumbers();
    void pagesThroughAllRowsOnce();
    void removesByAgeInSmallSteps();
    void removesBySizeTheOldestFirst();
    void keepsTheSumsOfHoursThatLostRows();
    void answersFromAHundredThousandRows();

private:
    std::unique_ptr<StoreFixture> m_fixture;
    std::unique_ptr<Database> m_database;
};

void TestUsageQuery::init()
{
    m_database.reset();
    m_fixture = std::make_unique<StoreFixture>();
    auto opened = m_fixture->open();
    VERIFY_RESULT(opened);
    m_database = std::move(*opened);
    for (std::int64_t row = 0; row < RowCount; row += 500)
        VERIFY_RESULT(writeUsage(*m_database, usageRows(row, row + 500)));
}

using Group = std::string (*)(const UsageRow &);
void TestUsageQuery::addsUpLikeTheRows_data()
{
    QTest::addColumn<GroupBy>("by");
    QTest::addColumn<Group>("group");
    const auto add = [](const char *name, GroupBy by, Group group) { QTest::newRow(name) << by << group; };
    add("all", GroupBy::Nothing, [](const UsageRow &) { return std::string(); });
    add("by key", GroupBy::Key, [](const UsageRow &row) { return std::to_string(row.keyId); });
    add("by caller", GroupBy::Caller, [](const UsageRow &row) { return row.caller; });
    add("by model", GroupBy::Model, [](const UsageRow &row) { return row.model(); });
    add("by tool", GroupBy::Tool, [](const UsageRow &row) { return row.tool; });
    add("by provider", GroupBy::Provider, [](const UsageRow &row) { return row.provider; });
    add("by day", GroupBy::Day, dayOf);
}

void TestUsageQuery::addsUpLikeTheRows()
{
    QFETCH(GroupBy, by);
    QFETCH(Group, group);
    const auto sums = UsageQuery(*m_database).sums(by, Always);
    VERIFY_RESULT(sums);
    QVERIFY(byGroup(*sums) == addedUp(Always, group));
    // From the hours alone, too.
    VERIFY_RESULT(m_database->execute("DELETE FROM usage"));
    QVERIFY(*UsageQuery(*m_database).sums(by, Always) == *sums);
}

void TestUsageQuery::cutsHoursToTheMillisecond()
{
    const auto all = [](const UsageRow &) { return std::string(); };
    const base::WallMs hour = hourOf(UsageStart) + HourMs;
    const base::WallMs points[] = {UsageStart,
                                   UsageStart + 1,
                                   hour - 1,
                                   hour,
                                   hour + 1,
                                   hour + 90'000,
                                   hour + 20 * HourMs - 1,
                                   hour + 20 * HourMs,
                                   hour + 20 * HourMs + 61'234,
                                   UsageStart + RowCount * 60'000};
    for (const base::WallMs from : points) {
        for (const base::WallMs to : points) {
            const auto total = UsageQuery(*m_database).total({from, to});
            VERIFY_RESULT(total);
            const auto expected = addedUp({from, to}, all);
            QCOMPARE(total->requests, expected.empty() ? 0 : expected.at("").requests);
            QVERIFY(*total == (expected.empty() ? UsageSum{} : expected.at("")));
        }
    }
}

void TestUsageQuery::addsUpOneKey()
{
    const TimeRange range{UsageStart + 12'345, UsageStart + 100 * 60'000};
    const auto sums = UsageQuery(*m_database).sums(GroupBy::Tool, range, 3);
    VERIFY_RESULT(sums);
    QVERIFY(byGroup(*sums) == addedUp(
                                  range, [](const UsageRow &row) { return row.tool; }, 3));
    QCOMPARE(UsageQuery(*m_database).total(Always, 99)->requests, 0);
}

void TestUsageQuery::foldsDaysOfAZone()
{
    const QTimeZone zone("Asia/Tokyo");
    QVERIFY(zone.isValid());
    const auto days = UsageQuery(*m_database).sums(GroupBy::Day, Always, {}, zone);
    VERIFY_RESULT(days);
    QCOMPARE(days->front().group, std::string("2023-11-15")); // 07:13 there
    QCOMPARE(days->front().requests, 17 * 60 - 13);
    std::int64_t requests = 0;
    for (const UsageSum &day : *days)
        requests += day.requests;
    QCOMPARE(requests, RowCount);
}

void TestUsageQuery::sortsByRequests()
{
    const auto sums = UsageQuery(*m_database).sums(GroupBy::Model, Always);
    VERIFY_RESULT(sums);
    QCOMPARE(sums->size(), std::size_t(2));
    QCOMPARE((*sums)[0].group, std::string("model-x"));
    QVERIFY((*sums)[0].requests > (*sums)[1].requests);
}

void TestUsageQuery::knowsNothingOfAnEmptyRange()
{
    QVERIFY(UsageQuery(*m_database).sums(GroupBy::Tool, {UsageStart + 5, UsageStart + 5})->empty());
    QVERIFY(UsageQuery(*m_database).sums(GroupBy::Tool, {UsageStart + 5, 0})->empty());
    QVERIFY(*UsageQuery(*m_database).total({-100, UsageStart}) == UsageSum{});
}

void TestUsageQuery::boundsItsGroups()
{
    std::vector<UsageRow> rows = usageRows(RowCount, RowCount + UsageQuery::GroupsMax);
    for (UsageRow &row : rows)
        row.modelServed = "model " + std::to_string(row.sequence);
    VERIFY_RESULT(writeUsage(*m_database, rows));
    const auto sums = UsageQuery(*m_database).sums(GroupBy::Model, Always);
    VERIFY_RESULT(sums);
    QCOMPARE(sums->size(), std::size_t(UsageQuery::GroupsMax));
    QCOMPARE(sums->front().group, std::string("model-x")); // the largest are kept
}

void TestUsageQuery::surelyAddsHugeNumbers()
{
    std::vector<UsageRow> rows = usageRows(RowCount, RowCount + 2000);
    for (UsageRow &row : rows) {
        row.at = UsageStart;
        row.usage.input = llm::TokensMax;
        row.costMicros = std::numeric_limits<std::int64_t>::max();
    }
    VERIFY_RESULT(writeUsage(*m_database, rows));
    const auto total = UsageQuery(*m_database).total(Always);
    VERIFY_RESULT(total);
    QVERIFY(total->input > llm::TokensMax);
    QVERIFY(total->costMicros > 0);
}

void TestUsageQuery::pagesThroughAllRowsOnce()
{
    std::optional<PageEnd> end;
    std::int64_t expected = RowCount;
    for (;;) {
        const auto page = UsageQuery(*m_database).page(700, end);
        VERIFY_RESULT(page);
        if (page->empty())
            break;
        for (const StoredRow &stored : *page) {
            UsageRow row = usageRow(--expected);
            row.modelServed = row.model();
            QVERIFY(stored.row == row);
        }
        end = PageEnd{page->back().row.at, page->back().id};
    }
    QCOMPARE(expected, 0);
    QCOMPARE(UsageQuery(*m_database).page(1'000'000)->size(), std::size_t(UsageQuery::PageMax));
    QVERIFY(UsageQuery(*m_database).page(-1)->empty());
}

void TestUsageQuery::removesByAgeInSmallSteps()
{
    const base::WallMs now = UsageStart + 1500 * 60'000 + 30 * 86'400'000LL; // row 1500 is 30 days old
    std::int64_t left = RowCount;
    for (int step = 0;; ++step) {
        QVERIFY(step < 50);
        const auto more = retainStep(*m_database, {30, 200}, now);
        VERIFY_RESULT(more);
        const std::int64_t count = *m_database->number("SELECT count(*) FROM usage");
        QVERIFY(left - count <= RetentionStepRows);
        left = count;
        if (!*more)
            break;
    }
    QCOMPARE(left, 1500);
    QCOMPARE(*m_database->number("SELECT min(at) FROM usage"), UsageStart + 1500 * 60'000);
    QCOMPARE(*m_database->number("PRAGMA freelist_count"), 0); // given back to the disk
    QCOMPARE(*m_database->number("SELECT sum(requests) FROM usage_hour"), RowCount);
    // A year later the hours go as well.
    while (*retainStep(*m_database, {30, 200}, now + 500 * 86'400'000LL)) {
    }
    QCOMPARE(*m_database->number("SELECT count(*) FROM usage_hour"), 0);
}

void TestUsageQuery::removesBySizeTheOldestFirst()
{
    std::vector<UsageRow> rows = usageRows(RowCount, RowCount + 3000);
    for (UsageRow &row : rows)
        row.modelRequested.assign(1024, 'm'); // 6 MiB in all
    VERIFY_RESULT(writeUsage(*m_database, rows));
    const RetentionRules rules{100'000, 4};
    while (*retainStep(*m_database, rules, UsageStart)) {
    }
    const std::int64_t bytes = *m_database->number("PRAGMA page_count") * 4096;
    QVERIFY2(bytes <= 4 << 20 && bytes > 3 << 20, qPrintable(QString::number(bytes)));
    QVERIFY(*m_database->number("SELECT min(at) FROM usage") > usageRow(RowCount).at);
    QCOMPARE(*m_database->number("SELECT max(at) FROM usage"), rows.back().at);
    QCOMPARE(*m_database->number("SELECT sum(requests) FROM usage_hour"), RowCount + 3000);
    // Smaller than anything: then the hours go too, and it ends.
    while (*retainStep(*m_database, {100'000, 0}, UsageStart)) {
    }
    QCOMPARE(*m_database->number("SELECT count(*) FROM usage_hour"), 0);
}

void TestUsageQuery::keepsTheSumsOfHoursThatLostRows()
{
    const base::WallMs cut = UsageStart + 90 * 60'000; // in the middle of an hour
    Statement remove = m_database->prepare("DELETE FROM usage WHERE at < ?");
    VERIFY_RESULT(remove.bind(cut).run());
    // Asked to the millisecond within what is gone: whole hours, because that is what is left.
    const TimeRange range{UsageStart + 70 * 60'000, UsageStart + 80 * 60'000};
    const TimeRange whole{hourOf(range.from), hourOf(range.to - 1) + HourMs};
    const auto total = UsageQuery(*m_database).total(range);
    VERIFY_RESULT(total);
    QCOMPARE(total->requests, addedUp(whole, [](const UsageRow &) { return std::string(); }).at("").requests);
    QCOMPARE(UsageQuery(*m_database).total(Always)->requests, RowCount);
}

void TestUsageQuery::answersFromAHundredThousandRows()
{
    constexpr std::int64_t Rows = 100'000;
    QElapsedTimer timer;
    timer.start();
    for (std::int64_t row = RowCount; row < Rows; row += 500)
        VERIFY_RESULT(writeUsage(*m_database, usageRows(row, std::min(row + 500, Rows))));
    const qint64 written = timer.nsecsElapsed();
    for (const auto &[name, by] : {std::pair("all", GroupBy::Nothing), std::pair("key", GroupBy::Key),
                                   std::pair("model", GroupBy::Model), std::pair("day", GroupBy::Day)}) {
        timer.restart();
        const auto sums = UsageQuery(*m_database).sums(by, Always);
        const qint64 took = timer.nsecsElapsed();
        VERIFY_RESULT(sums);
        std::int64_t requests = 0;
        for (const UsageSum &sum : *sums)
            requests += sum.requests;
        QCOMPARE(requests, Rows);
        qInfo("by %s over %lld rows: %.1f ms", name, static_cast<long long>(Rows), double(took) / 1e6);
    }
    timer.restart();
    VERIFY_RESULT(UsageQuery(*m_database).page(100, PageEnd{UsageStart + 50'000 * 60'000LL, 0}));
    qInfo("a page from the middle: %.2f ms; a batch of 500 written: %.1f ms",
          double(timer.nsecsElapsed()) / 1e6, double(written) / 1e6 / 194);
}

QTEST_GUILESS_MAIN(TestUsageQuery)
#include "tst_usage_query.moc"
