// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/memory_budget.h"

#include <QTest>

using weir::pipeline::MemoryBudget;

class TestMemoryBudget : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesWhatIsBeyondTheLimit();
    void givesBackWhenAShareEnds();
};

void TestMemoryBudget::refusesWhatIsBeyondTheLimit()
{
    MemoryBudget budget(100);
    MemoryBudget::Share first(budget);
    MemoryBudget::Share second(budget);
    QVERIFY(first.set(60));
    QVERIFY(!second.set(41));
    QCOMPARE(second.bytes(), std::int64_t(0));
    QVERIFY(second.set(40));
    QCOMPARE(budget.used(), std::int64_t(100));
    QVERIFY(!first.set(61));
    QCOMPARE(first.bytes(), std::int64_t(60));
    QVERIFY(first.set(10));
    QVERIFY(second.set(90));
}

void TestMemoryBudget::givesBackWhenAShareEnds()
{
    MemoryBudget budget(100);
    {
        MemoryBudget::Share share(budget);
        QVERIFY(share.set(100));
    }
    QCOMPARE(budget.used(), std::int64_t(0));
}

QTEST_GUILESS_MAIN(TestMemoryBudget)
#include "tst_memory_budget.moc"
