// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/read_ahead.h"
#include <QTest>

using weir::upstream::ReadAhead;

namespace {

void come(ReadAhead &ahead, int records)
{
    for (int count = 0; count < records; ++count)
        ahead.recordCame();
}

} // namespace

class TestReadAhead : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fitsWhatHasCome_data();
    void fitsWhatHasCome();
    void countsOnlyWhatIsNew();
    void staysAsItIsWhereNothingCame();
};

void TestReadAhead::fitsWhatHasCome_data()
{
    QTest::addColumn<int>("records");
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<qint64>("size");
    QTest::newRow("one token") << 1 << qint64(20) << ReadAhead::Most;
    QTest::newRow("a few tokens") << ReadAhead::FewRecords << qint64(20) << ReadAhead::Most;
    QTest::newRow("a large reply") << 32 << qint64(32 * 4096) << ReadAhead::Most;
    QTest::newRow("many small records") << 1000 << 1000 * ReadAhead::TinyRecord << ReadAhead::Most;
    QTest::newRow("many tiny records") << 1000 << 1000 * ReadAhead::TinyRecord - 1 << ReadAhead::Least;
    QTest::newRow("still, when less is read") << 120 << qint64(1200) << ReadAhead::Least;
}

void TestReadAhead::fitsWhatHasCome()
{
    QFETCH(int, records);
    QFETCH(qint64, bytes);
    QFETCH(qint64, size);
    ReadAhead ahead;
    come(ahead, records);
    QCOMPARE(ahead.fit(bytes), size);
}

void TestReadAhead::countsOnlyWhatIsNew()
{
    ReadAhead ahead;
    ahead.leave(100'000); // the lane rests
    come(ahead, 1000);
    QCOMPARE(ahead.fit(100'000 + 10'000), ReadAhead::Least);
    ahead.leave(0);
    come(ahead, 32);
    QCOMPARE(ahead.fit(8192), ReadAhead::Most);
}

void TestReadAhead::staysAsItIsWhereNothingCame()
{
    ReadAhead ahead;
    come(ahead, 1000);
    QCOMPARE(ahead.fit(1000), ReadAhead::Least);
    QCOMPARE(ahead.fit(1000), ReadAhead::Least);
}

QTEST_GUILESS_MAIN(TestReadAhead)
#include "tst_read_ahead.moc"
