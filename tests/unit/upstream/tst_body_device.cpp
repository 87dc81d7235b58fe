// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/body_device.h"
#include <QSignalSpy>
#include <QTest>

using weir::upstream::BodyDevice;

class TestBodyDevice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesBytesInOrder();
    void cannotBeRewound();
    void tellsOnceThatAllIsTaken();
    void endsAtOnceWhenEmpty();
};

void TestBodyDevice::givesBytesInOrder()
{
    BodyDevice device(nullptr);
    QSignalSpy ready(&device, &QIODevice::readyRead);
    device.append("one ");
    device.append(QByteArray());
    device.append("two three");
    QCOMPARE(ready.count(), 2);
    QCOMPARE(device.heldSize(), qsizetype(13));
    QCOMPARE(device.read(6), QByteArray("one tw"));
    QCOMPARE(device.read(100), QByteArray("o three"));
    QCOMPARE(device.read(100), QByteArray()); // more may come
    QVERIFY(!device.atEnd());
    device.append("!");
    device.finish();
    QCOMPARE(device.readAll(), QByteArray("!"));
    QVERIFY(device.atEnd());
}

void TestBodyDevice::cannotBeRewound()
{
    // This is what keeps Qt from sending a request twice.
    BodyDevice device(nullptr);
    device.append("once");
    QVERIFY(device.isSequential());
    QCOMPARE(device.read(4), QByteArray("once"));
    QVERIFY(!device.reset());
}

void TestBodyDevice::tellsOnceThatAllIsTaken()
{
    BodyDevice device(nullptr);
    QSignalSpy exhausted(&device, &BodyDevice::exhausted);
    device.append("all");
    device.finish();
    QCOMPARE(exhausted.count(), 0);
    device.read(2);
    QCOMPARE(exhausted.count(), 0);
    device.read(10);
    device.read(10);
    QCOMPARE(exhausted.count(), 1);
}

void TestBodyDevice::endsAtOnceWhenEmpty()
{
    BodyDevice device(nullptr);
    QSignalSpy exhausted(&device, &BodyDevice::exhausted);
    device.finish();
    char byte = 0;
    QCOMPARE(device.read(&byte, 1), qint64(-1));
    QCOMPARE(exhausted.count(), 1);
}

QTEST_GUILESS_MAIN(TestBodyDevice)
#include "tst_body_device.moc"
