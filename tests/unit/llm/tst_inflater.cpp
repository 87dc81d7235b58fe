// SPDX-License-Identifier: GPL-3.0-or-later
#include "deflated.h"
#include "llm/inflater.h"
#include <QTest>

using namespace weir::llm;

namespace {

/// What the pieces decode to; "broken" behind it if they cannot be decoded further.
QByteArray inflated(const std::vector<QByteArray> &pieces)
{
    Inflater inflater;
    QByteArray plain;
    for (const QByteArray &piece : pieces) {
        const std::string once = piece.toStdString();
        std::string_view rest = once;
        while (true) {
            const std::string_view part = inflater.next(rest);
            if (part.empty())
                break;
            plain.append(part.data(), qsizetype(part.size()));
        }
        if (inflater.isBroken())
            return plain + "broken";
        if (!rest.empty())
            return "not all taken";
    }
    return plain;
}

QByteArray text(qsizetype size)
{
    QByteArray text;
    for (qint64 line = 0; text.size() < size; ++line)
        text += "line " + QByteArray::number(line * 7919) + "\n";
    return text.left(size);
}

} // namespace

class TestInflater : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void decodes_data();
    void decodes();
    void givesEachFlushedPartAtOnce();
    void breaks_data();
    void breaks();
    void givesUpOnBombs();
};

void TestInflater::decodes_data()
{
    QTest::addColumn<QByteArray>("encoded");
    QTest::addColumn<QByteArray>("plain");
    const QByteArray some = text(3000);
    QTest::newRow("gzip") << deflated(some, GzipFormat) << some;
    QTest::newRow("zlib") << deflated(some, ZlibFormat) << some;
    QTest::newRow("empty") << deflated("", GzipFormat) << QByteArray();
    QTest::newRow("nothing") << QByteArray() << QByteArray();
    QTest::newRow("two members") << deflated(some, GzipFormat) + deflated("more", GzipFormat)
                                 << some + "more";
    QTest::newRow("padded") << deflated(some, GzipFormat) + QByteArray(10, '\0') << some;
    QTest::newRow("padded with what looks like a member inside")
        << deflated(some, GzipFormat) + QByteArray("\0\x1F\x8B\x1Fxxxxxxxxxx", 14) << some;
    QTest::newRow("cut") << deflated(some, GzipFormat).chopped(8) << some; // the checksum is missing
}

void TestInflater::decodes()
{
    QFETCH(QByteArray, encoded);
    QFETCH(QByteArray, plain);
    QCOMPARE(inflated({encoded}), plain);
    std::vector<QByteArray> single;
    for (const char byte : encoded)
        single.push_back(QByteArray(1, byte));
    QCOMPARE(inflated(single), plain);
    for (qsizetype at = 1; at < encoded.size(); ++at)
        QCOMPARE(inflated({encoded.left(at), encoded.mid(at)}), plain);
}

void TestInflater::givesEachFlushedPartAtOnce()
{
    // As a server sends events: flushed one by one. Larger than what one call returns.
    const QByteArray first = text(100);
    const QByteArray second = text(200'000);
    const std::vector<QByteArray> parts = deflatedParts({first, second, "end"}, GzipFormat);
    QCOMPARE(inflated({parts[0]}), first);
    QCOMPARE(inflated({parts[0], parts[1]}), first + second);
    QCOMPARE(inflated(parts), first + second + "end");
}

void TestInflater::breaks_data()
{
    QTest::addColumn<QByteArray>("encoded");
    QTest::addColumn<QByteArray>("plain");
    const QByteArray some = text(3000);
    QByteArray damaged = deflated(some, GzipFormat);
    damaged[damaged.size() - 6] = char(damaged[damaged.size() - 6] ^ 1); // of the checksum
    QTest::newRow("plain text") << QByteArray("data: {}\n\n") << QByteArray("broken");
    QTest::newRow("wrong checksum") << damaged << some + "broken";
    QTest::newRow("a second member that is none")
        << deflated(some, GzipFormat) + QByteArray("\x1F\x8Bxxxxxxxxxxxx") << some + "broken";
}

void TestInflater::breaks()
{
    QFETCH(QByteArray, encoded);
    QFETCH(QByteArray, plain);
    QCOMPARE(inflated({encoded}), plain);
}

void TestInflater::givesUpOnBombs()
{
    const QByteArray zeros(qsizetype(Inflater::FreeBytes), '\0');
    QCOMPARE(inflated({deflated(zeros, GzipFormat)}).size(), zeros.size()); // may grow as it likes up to here
    const QByteArray bomb = inflated({deflated(zeros + zeros, GzipFormat)});
    QVERIFY(bomb.endsWith("broken"));
    QVERIFY(bomb.size() < zeros.size() + 100'000);
    const QByteArray large = text(3 * qsizetype(Inflater::FreeBytes)); // grows, but like any text
    QCOMPARE(inflated({deflated(large, GzipFormat)}), large);
}

QTEST_GUILESS_MAIN(TestInflater)
#include "tst_inflater.moc"
