// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/caller_store.h"

#include "unit/store/store_fixture.h"
#include <QTest>

using namespace weir;
using namespace weir::store;
using test::StoreFixture;

class TestCallerStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheInstallationsKey();
    void namesCallers();
    void boundsItsNames();
};

void TestCallerStore::keepsTheInstallationsKey()
{
    StoreFixture fixture;
    std::string first;
    for (int start = 0; start < 2; ++start) {
        const auto database = fixture.open();
        VERIFY_RESULT(database);
        const auto key = CallerStore(**database).hashKey();
        VERIFY_RESULT(key);
        QCOMPARE(key->reveal().size(), std::size_t(32));
        if (start == 0)
            first = std::string(key->reveal());
        QVERIFY(key->reveal() == first);
    }
    StoreFixture other;
    QVERIFY(CallerStore(**other.open()).hashKey()->reveal() != first);
}

void TestCallerStore::namesCallers()
{
    StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    CallerStore store(**database);
    VERIFY_RESULT(store.setLabel("b", "laptop"));
    VERIFY_RESULT(store.setLabel("a", "Büro"));
    VERIFY_RESULT(store.setLabel("b", "desk"));
    using Labels = std::vector<std::pair<std::string, std::string>>;
    QVERIFY((*store.labels() == Labels{{"a", "Büro"}, {"b", "desk"}}));
    VERIFY_RESULT(store.setLabel("a", ""));
    VERIFY_RESULT(store.setLabel("unknown", ""));
    QVERIFY((*store.labels() == Labels{{"b", "desk"}}));
}

void TestCallerStore::boundsItsNames()
{
    StoreFixture fixture;
    const auto database = fixture.open();
    VERIFY_RESULT(database);
    VERIFY_RESULT(
        (*database)->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
                             " INSERT INTO caller SELECT 'caller ' || i, 'x' FROM n"));
    CallerStore store(**database);
    QVERIFY(!store.setLabel("one more", "x"));
    VERIFY_RESULT(store.setLabel("caller 5", "renamed")); // not one more
    QCOMPARE(store.labels()->size(), std::size_t(CallerStore::LabelsMax));
}

QTEST_GUILESS_MAIN(TestCallerStore)
#include "tst_caller_store.moc"
