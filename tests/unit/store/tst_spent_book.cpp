// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/spent_book.h"

#include "store/key_store.h"
#include "store/retention.h"
#include "store/usage_writer.h"
#include "unit/store/store_fixture.h"
#include <QTest>

using namespace weir;
using namespace weir::store;

namespace {

constexpr base::WallMs Slot = 1'700'000'100'000; // the end of one
static_assert(Slot % SpentSlotMs == 0);

UsageRow row(std::int64_t sequence, std::int64_t keyId, base::WallMs at, std::int64_t totalMs,
             std::int64_t charged)
{
    UsageRow made;
    made.sequence = sequence;
    made.keyId = keyId;
    made.at = at;
    made.totalMicros = totalMs * 1000;
    made.charged = charged;
    return made;
}

keys::AccessKey newKey(const char *text)
{
    keys::AccessKey key;
    key.hash = keys::hashOf(text);
    return key;
}

} // namespace

class TestSpentBook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endsASlotBehindEveryInstantOfIt();
    void addsUpAndSurvivesAStart();
    void passesOverKeysThatAreGone();
    void neverOverflows();
    void countsEachRowOnce();
    void countsWhenARequestEnded();
    void takesOverWhatImportsHaveWritten();
    void removesWhatIsOld();
};

void TestSpentBook::endsASlotBehindEveryInstantOfIt()
{
    QCOMPARE(spentSlotEnd(Slot - 1), Slot);
    QCOMPARE(spentSlotEnd(Slot), Slot + SpentSlotMs);
    QCOMPARE(spentSlotEnd(Slot - SpentSlotMs), Slot);
    QCOMPARE(spentSlotEnd(0), SpentSlotMs);
    QCOMPARE(spentSlotEnd(-1), base::WallMs(0));
}

void TestSpentBook::addsUpAndSurvivesAStart()
{
    test::StoreFixture fixture;
    std::int64_t id = 0;
    {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        id = KeyStore(**database).insert(newKey("one"))->id;
        VERIFY_RESULT(addSpent(**database, {{{0, Slot}, 7}, {{id, Slot}, 5}, {{id, Slot * 2}, 1}}));
        VERIFY_RESULT(addSpent(**database, {{{0, Slot}, 8}, {{id, Slot}, 0}, {{id, Slot}, -3}}));
    }
    const auto database = fixture.open();
    const auto spent = readSpent(**database);
    VERIFY_RESULT(spent);
    const std::vector<keys::KeySpent> wanted{{0, {{Slot, 15}}}, {id, {{Slot, 5}, {Slot * 2, 1}}}};
    QVERIFY(*spent == wanted);
}

void TestSpentBook::passesOverKeysThatAreGone()
{
    test::StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    KeyStore store(**database);
    const std::int64_t id = store.insert(newKey("one"))->id;
    VERIFY_RESULT(addSpent(**database, {{{id, Slot}, 1}, {{id + 1, Slot}, 2}}));
    QCOMPARE(readSpent(**database)->size(), std::size_t(1));
    VERIFY_RESULT(store.remove(id));
    QVERIFY(readSpent(**database)->empty());
    VERIFY_RESULT(addSpent(**database, {{{id, Slot}, 1}})); // its last request ends
    QVERIFY(readSpent(**database)->empty());
}

void TestSpentBook::neverOverflows()
{
    test::StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    for (int time = 0; time < 3; ++time)
        VERIFY_RESULT(addSpent(**database, {{{0, Slot}, std::numeric_limits<std::int64_t>::max()}}));
    QCOMPARE((*readSpent(**database))[0].spent[0].amount, keys::RollingWindow::AmountMax);
}

void TestSpentBook::countsEachRowOnce()
{
    test::StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    const std::int64_t id = KeyStore(**database).insert(newKey("one"))->id;
    const std::vector<UsageRow> rows{row(1, id, Slot - 10, 0, 100), row(2, 0, Slot - 10, 0, 20),
                                     row(3, id, Slot - 10, 0, 0)};
    VERIFY_RESULT(writeUsage(**database, rows));
    VERIFY_RESULT(writeUsage(**database, rows)); // it was not known whether they got through
    const std::vector<keys::KeySpent> wanted{{0, {{Slot, 120}}}, {id, {{Slot, 100}}}};
    QVERIFY(*readSpent(**database) == wanted);
    QCOMPARE(*(*database)->number("SELECT sum(charged) FROM usage"), std::int64_t(120));
}

void TestSpentBook::countsWhenARequestEnded()
{
    test::StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    VERIFY_RESULT(writeUsage(**database, std::vector<UsageRow>{row(1, 0, Slot - 10, 3 * SpentSlotMs, 9)}));
    QCOMPARE((*readSpent(**database))[0].spent[0].at, Slot + 3 * SpentSlotMs);
}

void TestSpentBook::takesOverWhatImportsHaveWritten()
{
    test::StoreFixture fixture;
    VERIFY_RESULT(fixture.open());
    // As version 3 had it.
    QVERIFY(test::runElsewhere(
        fixture.file(),
        {QStringLiteral("INSERT INTO access_key(hash, prefix, label, provider, model, allowed_models, "
                        "is_background, is_paused, created_at, window_ms) VALUES(randomblob(32), '', '', '', "
                        "'', '[]', 0, 0, 0, 1)"),
         QStringLiteral("DROP TABLE spent"), QStringLiteral("ALTER TABLE usage DROP COLUMN charged"),
         QStringLiteral("DROP TABLE refused"),
         QStringLiteral("ALTER TABLE access_key DROP COLUMN tokens_used"),
         QStringLiteral("CREATE TABLE spent(key_id INTEGER REFERENCES access_key(id) ON DELETE CASCADE, span "
                        "INTEGER NOT NULL, at INTEGER NOT NULL, amount INTEGER NOT NULL) STRICT"),
         QStringLiteral("CREATE UNIQUE INDEX spent_once ON spent(coalesce(key_id, 0), span, at)"),
         QStringLiteral("INSERT INTO spent VALUES(1, 0, 1000, 42)"),
         QStringLiteral("PRAGMA user_version = 3")}));
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    QVERIFY((*database)->start().movedAsideTo.empty());
    QVERIFY((*readSpent(**database) == std::vector<keys::KeySpent>{{1, {{1000, 42}}}}));
    VERIFY_RESULT(KeyStore(**database).remove(1));
    QVERIFY(readSpent(**database)->empty()); // still tied to its key
}

void TestSpentBook::removesWhatIsOld()
{
    test::StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    constexpr std::int64_t DayMs = 86'400'000;
    SpentAmounts amounts;
    for (int slot = 0; slot < 2 * RetentionStepRows; ++slot)
        amounts[{0, Slot + slot}] = 1;
    const base::WallMs now = Slot + KeepSpentDays * DayMs + RetentionStepRows;
    VERIFY_RESULT(addSpent(**database, amounts));
    while (*retainStep(**database, {}, now)) {
    }
    QCOMPARE((*readSpent(**database))[0].spent.size(), std::size_t(RetentionStepRows));
    QCOMPARE((*readSpent(**database))[0].spent[0].at, Slot + RetentionStepRows);
    // Longer than any window reaches back.
    QVERIFY(std::chrono::milliseconds(KeepSpentDays * DayMs) > keys::WindowMax + std::chrono::hours(4));
}

QTEST_GUILESS_MAIN(TestSpentBook)
#include "tst_spent_book.moc"
