// SPDX-License-Identifier: GPL-3.0-or-later
// What is added up again when one table is lost; that tables are taken over: tst_damaged_database.cpp.
#include "store/salvage.h"

#include "store/key_store.h"
#include "store/usage_query.h"
#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include "unit/store/usage_rows.h"
#include <limits>
#include <QTest>

using namespace weir;
using namespace weir::store;
using test::StoreFixture;

namespace {

constexpr int PageSize = 4096;
constexpr int RowCount = 300; // of five hours
constexpr TimeRange Always{0, std::numeric_limits<base::WallMs>::max()};

/// Three keys and what they have used.
void fill(const Database &database)
{
    for (int number = 0; number < 3; ++number)
        VERIFY_RESULT(KeyStore(database).insert(test::someKey(number)));
    VERIFY_RESULT(writeUsage(database, test::usageRows(0, RowCount)));
}

std::int64_t rootOf(const Database &database, const char *table)
{
    const std::string sql = std::string("SELECT rootpage FROM sqlite_schema WHERE name = '") + table + "'";
    const auto root = database.number(sql.c_str());
    return root ? *root : 0;
}

void destroy(const StoreFixture &fixture, std::int64_t page)
{
    QByteArray bytes = test::readFile(fixture.file());
    QVERIFY(page > 1 && page * PageSize <= bytes.size());
    bytes.replace((page - 1) * PageSize, PageSize, QByteArray(PageSize, '\x5a'));
    test::writeFile(fixture.file(), bytes);
}

} // namespace

class TestSalvage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void addsUpTheHoursAgain();
    void keepsTheHoursOfRowsThatAreGone();
    void totalsWhatTheHoursSay();
};

void TestSalvage::addsUpTheHoursAgain()
{
    const StoreFixture fixture;
    std::int64_t root = 0;
    std::vector<UsageSum> before;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        fill(**database);
        root = rootOf(**database, "usage_hour");
        before = *UsageQuery(**database).sums(GroupBy::Tool, Always);
    }
    destroy(fixture, root);
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY(!(*database)->start().movedAsideTo.empty());
    QCOMPARE(*(*database)->number("SELECT sum(requests) FROM usage_hour"), std::int64_t(RowCount));
    QVERIFY(*UsageQuery(**database).sums(GroupBy::Tool, Always) == before);
}

void TestSalvage::keepsTheHoursOfRowsThatAreGone()
{
    const StoreFixture fixture;
    std::int64_t root = 0;
    std::vector<UsageSum> before;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        fill(**database);
        VERIFY_RESULT((*database)->execute("DELETE FROM usage WHERE id % 3 > 0")); // of every hour some
        root = rootOf(**database, "usage_at");
        before = *UsageQuery(**database).sums(GroupBy::Tool, Always);
    }
    destroy(fixture, root);
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY(!(*database)->start().movedAsideTo.empty());
    QVERIFY(*UsageQuery(**database).sums(GroupBy::Tool, Always) == before);
}

void TestSalvage::totalsWhatTheHoursSay()
{
    const StoreFixture fixture;
    std::int64_t root = 0;
    std::int64_t used = 0;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        fill(**database);
        used = *KeyStore(**database).lifetimeTokens(3);
        QVERIFY(used > 0);
        // As an older version has it.
        VERIFY_RESULT((*database)->execute("UPDATE access_key SET tokens_used = 0"));
        root = rootOf(**database, "usage");
    }
    destroy(fixture, root);
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY(!(*database)->start().movedAsideTo.empty());
    QCOMPARE(*KeyStore(**database).lifetimeTokens(3), used);
}

QTEST_GUILESS_MAIN(TestSalvage)
#include "tst_salvage.moc"
