// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/free_memory.h"

#include <QTest>

using std::chrono::milliseconds;
using weir::base::Instant;
using weir::engine::FreeMemory;

class TestFreeMemory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesBackOnceAfterABurst_data();
    void givesBackOnceAfterABurst();
    void waitsUntilNobodyWaits();
};

void TestFreeMemory::givesBackOnceAfterABurst_data()
{
    QTest::addColumn<int>("requests");
    QTest::addColumn<qint64>("heldBytes");
    QTest::addColumn<int>("times");
    QTest::newRow("many requests") << FreeMemory::BurstRequests << qint64(0) << 1;
    QTest::newRow("large bodies") << 1 << qint64(FreeMemory::BurstBytes) << 1;
    QTest::newRow("neither") << FreeMemory::BurstRequests - 1 << qint64(FreeMemory::BurstBytes) - 1 << 0;
}

void TestFreeMemory::givesBackOnceAfterABurst()
{
    QFETCH(int, requests);
    QFETCH(qint64, heldBytes);
    QFETCH(int, times);
    int given = 0;
    FreeMemory memory([&given] { ++given; });
    Instant now{};
    memory.watch(requests, heldBytes, now);
    for (int tick = 0; tick < 20; ++tick)
        memory.watch(0, 0, now += milliseconds(250));
    QCOMPARE(given, times);
}

void TestFreeMemory::waitsUntilNobodyWaits()
{
    int given = 0;
    FreeMemory memory([&given] { ++given; });
    Instant now{};
    memory.watch(FreeMemory::BurstRequests, 0, now);
    for (int tick = 0; tick < 20; ++tick) {
        memory.watch(1, 0, now += milliseconds(500));
        memory.watch(0, 0, now += milliseconds(500));
    }
    QCOMPARE(given, 0);
    memory.watch(0, 0, now += milliseconds(500));
    QCOMPARE(given, 1);
}

QTEST_GUILESS_MAIN(TestFreeMemory)
#include "tst_free_memory.moc"
