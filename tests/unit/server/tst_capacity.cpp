// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/capacity.h"
#include <QTest>

using namespace weir::server;

class TestCapacity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesClientsWhatIsLeft_data();
    void givesClientsWhatIsLeft();
    void whatIsWantedIsEnough_data();
    void whatIsWantedIsEnough();
};

void TestCapacity::givesClientsWhatIsLeft_data()
{
    QTest::addColumn<int>("connectionsMax");
    QTest::addColumn<int>("reserved");
    QTest::addColumn<int>("descriptors");
    QTest::addColumn<int>("served");
    QTest::addColumn<int>("refused");
    QTest::newRow("plenty: what is configured") << 1024 << 88 << 20'000 << 1024 << RefusalsMax;
    QTest::newRow("just enough") << 1024 << 88 << 1176 << 1024 << RefusalsMax;
    QTest::newRow("one too few") << 1024 << 88 << 1175 << 1023 << RefusalsMax;
    QTest::newRow("a shell's usual limit") << 1024 << 88 << 1024 << 872 << RefusalsMax;
    QTest::newRow("few: clients get a quarter, refusals a quarter of it") << 1024 << 88 << 64 << 12 << 4;
    QTest::newRow("next to none: one client is let in") << 1024 << 88 << 3 << 1 << 0;
    QTest::newRow("none") << 1024 << 88 << 0 << 1 << 0;
    QTest::newRow("nothing is reserved") << 10 << 0 << 100 << 10 << 25;
}

void TestCapacity::givesClientsWhatIsLeft()
{
    QFETCH(int, connectionsMax);
    QFETCH(int, reserved);
    QFETCH(int, descriptors);
    Options options;
    options.connectionsMax = connectionsMax;
    options.descriptorsReserved = reserved;
    const Capacity capacity = capacityFor(options, descriptors);
    QTEST(capacity.served, "served");
    QTEST(capacity.refused, "refused");
}

void TestCapacity::whatIsWantedIsEnough_data()
{
    QTest::addColumn<int>("connectionsMax");
    QTest::addColumn<int>("reserved");
    QTest::newRow("the defaults") << 1024 << 88;
    QTest::newRow("a single client") << 1 << 88;
    QTest::newRow("many clients, many providers") << 8192 << 2048;
}

void TestCapacity::whatIsWantedIsEnough()
{
    QFETCH(int, connectionsMax);
    QFETCH(int, reserved);
    Options options;
    options.connectionsMax = connectionsMax;
    options.descriptorsReserved = reserved;
    QCOMPARE(capacityFor(options, descriptorsWanted(options)).served, connectionsMax);
}

QTEST_GUILESS_MAIN(TestCapacity)
#include "tst_capacity.moc"
