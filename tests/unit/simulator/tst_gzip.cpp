// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/gzip.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTest>

using namespace weir::simulator;

class TestGzip : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sumsUp_data();
    void sumsUp();
    void isUnderstoodByGzip();
};

void TestGzip::sumsUp_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<quint32>("sum");
    QTest::newRow("nothing") << QByteArray() << 0U;
    QTest::newRow("the standard's check value") << QByteArray("123456789") << 0xCBF43926U;
    QTest::newRow("a MiB of zeros") << QByteArray(1024 * 1024, '\0') << 0xA738EA1CU;
}

void TestGzip::sumsUp()
{
    QFETCH(QByteArray, bytes);
    QTEST(quint32(crc32(bytes)), "sum");
}

void TestGzip::isUnderstoodByGzip()
{
    const QString program = QStandardPaths::findExecutable(QStringLiteral("gzip"));
    if (program.isEmpty())
        QSKIP("gzip is not installed");
    const QByteArray text = QByteArray("Hello from the simulated provider. ").repeated(100);
    QProcess process;
    process.start(program, {QStringLiteral("-dc")});
    QVERIFY(process.waitForStarted());
    process.write(gzip(text) + gzip("more")); // members may follow one another
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 0);
    QCOMPARE(process.readAllStandardOutput(), text + "more");
}

QTEST_GUILESS_MAIN(TestGzip)
#include "tst_gzip.moc"
