// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/gzip.h"

#include <QTest>
#include <zlib.h>

using namespace weir::simulator;

class TestGzip : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sumsUp_data();
    void sumsUp();
    void isUnderstoodByZlib();
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

void TestGzip::isUnderstoodByZlib()
{
    const QByteArray text = QByteArray("Hello from the simulated provider. ").repeated(100);
    for (const QByteArray &plain : {text, QByteArray("more"), QByteArray()}) {
        QByteArray member = gzip(plain);
        QByteArray out(plain.size() + 1, '\0');
        z_stream stream{};
        QCOMPARE(inflateInit2(&stream, MAX_WBITS + 16), Z_OK); // gzip, and no other format
        stream.next_in = reinterpret_cast<Bytef *>(member.data());
        stream.avail_in = uInt(member.size());
        stream.next_out = reinterpret_cast<Bytef *>(out.data());
        stream.avail_out = uInt(out.size());
        const int result = inflate(&stream, Z_FINISH); // checks length and sum, too
        inflateEnd(&stream);
        QCOMPARE(result, Z_STREAM_END);
        QCOMPARE(stream.avail_in, 0U);
        QCOMPARE(out.first(qsizetype(stream.total_out)), plain);
    }
}

QTEST_GUILESS_MAIN(TestGzip)
#include "tst_gzip.moc"
