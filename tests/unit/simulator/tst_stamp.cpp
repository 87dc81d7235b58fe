// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/stamp.h"

#include <limits>
#include <QByteArray>
#include <QTest>

using namespace weir;
using namespace weir::simulator;

class TestStamp : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void setsDigits_data();
    void setsDigits();
    void findsLastBlank();
};

void TestStamp::setsDigits_data()
{
    QTest::addColumn<qint64>("nanos");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << qint64(0) << QByteArray("@00000000000000000000@");
    QTest::newRow("an hour and a bit") << qint64(3'600'000'000'123) << QByteArray("@00000003600000000123@");
    QTest::newRow("the latest there is")
        << std::numeric_limits<qint64>::max() << QByteArray("@09223372036854775807@");
}

void TestStamp::setsDigits()
{
    QFETCH(qint64, nanos);
    QByteArray text(BlankStamp.data(), qsizetype(BlankStamp.size()));
    setStamp(text.data() + findBlankStamp(BlankStamp), base::Instant(base::Duration(nanos)));
    QTEST(text, "text");
}

void TestStamp::findsLastBlank()
{
    const std::string blank(BlankStamp);
    QCOMPARE(findBlankStamp(blank + "ab" + blank + "c"), std::ptrdiff_t(blank.size() + 3));
    QCOMPARE(findBlankStamp("@0000000000000000000@"), std::ptrdiff_t(-1)); // a digit short
    QCOMPARE(findBlankStamp(""), std::ptrdiff_t(-1));
}

QTEST_GUILESS_MAIN(TestStamp)
#include "tst_stamp.moc"
