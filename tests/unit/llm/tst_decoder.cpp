// SPDX-License-Identifier: GPL-3.0-or-later
#include "deflated.h"
#include "llm/decoder.h"
#include <QTest>

using namespace weir::llm;

namespace {

/// What the pieces decode to; "broken" behind it if they cannot be decoded further.
QByteArray decoded(Coding coding, const std::vector<QByteArray> &pieces)
{
    Decoder decoder(coding);
    QByteArray plain;
    for (const QByteArray &piece : pieces) {
        const std::string once = piece.toStdString();
        std::string_view rest = once;
        while (true) {
            const std::string_view part = decoder.next(rest);
            if (part.empty())
                break;
            plain.append(part.data(), qsizetype(part.size()));
        }
        if (decoder.isBroken())
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

using Encode = QByteArray (*)(const QByteArray &);

} // namespace

Q_DECLARE_METATYPE(Coding)
Q_DECLARE_METATYPE(Encode)

class TestDecoder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void decodes_data();
    void decodes();
    void givesEachFlushedPartAtOnce();
    void breaks_data();
    void breaks();
    void tellsTheEnd();
    void takesTheLargestWindow();
    void readsNames();
    void givesUpOnBombs_data();
    void givesUpOnBombs();
};

void TestDecoder::decodes_data()
{
    QTest::addColumn<Coding>("coding");
    QTest::addColumn<QByteArray>("encoded");
    QTest::addColumn<QByteArray>("plain");
    const QByteArray some = text(3000);
    const auto row = [](const char *name, Coding coding, const QByteArray &encoded, const QByteArray &plain) {
        QTest::newRow(name) << coding << encoded << plain;
    };
    const QByteArray skippable("\x50\x2A\x4D\x18\x03\0\0\0abc", 11);
    row("gzip", Coding::Gzip, deflated(some, GzipFormat), some);
    row("deflate", Coding::Deflate, deflated(some, ZlibFormat), some);
    row("deflate without its wrapping", Coding::Deflate, deflated(some, RawFormat), some);
    row("brotli", Coding::Brotli, brotliOf(some), some);
    row("zstd", Coding::Zstd, zstdOf(some), some);
    row("empty gzip", Coding::Gzip, deflated("", GzipFormat), {});
    row("empty raw deflate", Coding::Deflate, deflated("", RawFormat), {});
    row("empty brotli", Coding::Brotli, brotliOf(""), {});
    row("empty zstd", Coding::Zstd, zstdOf(""), {});
    row("nothing", Coding::Zstd, {}, {});
    row("two members", Coding::Gzip, deflated(some, GzipFormat) + deflated("more", GzipFormat),
        some + "more");
    row("two frames", Coding::Zstd, zstdOf(some) + zstdOf("more"), some + "more");
    row("a frame to skip", Coding::Zstd, skippable + zstdOf(some) + skippable, some);
    row("padded gzip", Coding::Gzip, deflated(some, GzipFormat) + QByteArray(10, '\0'), some);
    row("padded raw deflate", Coding::Deflate, deflated(some, RawFormat) + "xx", some);
    row("padded brotli", Coding::Brotli, brotliOf(some) + brotliOf("more"), some);
    row("padded zstd", Coding::Zstd, zstdOf(some) + "more", some);
    row("padded with what looks like a member inside", Coding::Gzip,
        deflated(some, GzipFormat) + QByteArray("\0\x1F\x8B\x1Fxxxxxxxxxx", 14), some);
    row("cut gzip", Coding::Gzip, deflated(some, GzipFormat).chopped(8), some); // the checksum is missing
    row("cut zstd", Coding::Zstd, zstdOf(some).chopped(4), some);               // the same
}

void TestDecoder::decodes()
{
    QFETCH(Coding, coding);
    QFETCH(QByteArray, encoded);
    QFETCH(QByteArray, plain);
    QCOMPARE(decoded(coding, {encoded}), plain);
    std::vector<QByteArray> single;
    for (const char byte : encoded)
        single.push_back(QByteArray(1, byte));
    QCOMPARE(decoded(coding, single), plain);
    for (qsizetype at = 1; at < encoded.size(); ++at)
        QCOMPARE(decoded(coding, {encoded.left(at), encoded.mid(at)}), plain);
}

void TestDecoder::givesEachFlushedPartAtOnce()
{
    // As a server sends events: flushed one by one. Larger than what one call returns.
    const QByteArray first = text(100);
    const QByteArray second = text(200'000);
    const std::vector<QByteArray> parts = deflatedParts({first, second, "end"}, GzipFormat);
    QCOMPARE(decoded(Coding::Gzip, {parts[0]}), first);
    QCOMPARE(decoded(Coding::Gzip, {parts[0], parts[1]}), first + second);
    QCOMPARE(decoded(Coding::Gzip, parts), first + second + "end");
}

void TestDecoder::breaks_data()
{
    QTest::addColumn<Coding>("coding");
    QTest::addColumn<QByteArray>("encoded");
    QTest::addColumn<QByteArray>("plain");
    const QByteArray some = text(3000);
    QByteArray damaged = deflated(some, GzipFormat);
    damaged[damaged.size() - 6] = char(damaged[damaged.size() - 6] ^ 1); // of the checksum
    QByteArray damagedZstd = zstdOf(some);
    damagedZstd[damagedZstd.size() - 1] = char(damagedZstd[damagedZstd.size() - 1] ^ 1);
    const auto row = [](const char *name, Coding coding, const QByteArray &encoded, const QByteArray &plain) {
        QTest::newRow(name) << coding << encoded << plain + "broken";
    };
    row("plain text for gzip", Coding::Gzip, "data: {}\n\n", {});
    row("plain text for deflate", Coding::Deflate, "plain text", {});
    row("plain text for brotli", Coding::Brotli, "{\"a\":1}{\"a\":1}", {});
    row("plain text for zstd", Coding::Zstd, "data: {}\n\n", {});
    row("wrong checksum", Coding::Gzip, damaged, some);
    row("wrong checksum of zstd", Coding::Zstd, damagedZstd, {}); // which then gives out nothing
    row("a second member that is none", Coding::Gzip,
        deflated(some, GzipFormat) + QByteArray("\x1F\x8Bxxxxxxxxxxxx"), some);
    row("a window larger than is held", Coding::Zstd, zstdOf(some, Decoder::ZstdWindowLogMax + 1), {});
}

void TestDecoder::breaks()
{
    QFETCH(Coding, coding);
    QFETCH(QByteArray, encoded);
    QFETCH(QByteArray, plain);
    QCOMPARE(decoded(coding, {encoded}), plain);
}

void TestDecoder::tellsTheEnd()
{
    const auto ended = [](const QByteArray &encoded) {
        Decoder decoder(Coding::Zstd);
        const std::string bytes = encoded.toStdString();
        std::string_view rest = bytes;
        while (!decoder.next(rest).empty())
            continue;
        return std::pair(decoder.isAtEnd(), decoder.isPadded());
    };
    const QByteArray some = zstdOf(text(3000));
    QCOMPARE(ended(some), std::pair(true, false));
    QCOMPARE(ended(some + "x"), std::pair(true, true));
    QCOMPARE(ended(some.chopped(1)), std::pair(false, false));
    QCOMPARE(ended(some + some.left(3)), std::pair(false, false));
}

void TestDecoder::takesTheLargestWindow()
{
    const QByteArray some = text(3000);
    QCOMPARE(decoded(Coding::Zstd, {zstdOf(some, Decoder::ZstdWindowLogMax)}), some);
}

void TestDecoder::readsNames()
{
    const auto of = [](std::initializer_list<const char *> values) {
        weir::http::Headers headers;
        for (const char *value : values)
            headers.add("Content-Encoding", value);
        return codingOf(headers);
    };
    QVERIFY(of({}) == Coding::Identity && of({""}) == Coding::Identity &&
            of({"Identity"}) == Coding::Identity);
    QVERIFY(of({"gzip"}) == Coding::Gzip && of({"X-GZIP"}) == Coding::Gzip);
    QVERIFY(of({"Deflate"}) == Coding::Deflate && of({"BR"}) == Coding::Brotli &&
            of({"zstd"}) == Coding::Zstd);
    QVERIFY(!of({"gzip, br"}) && !of({"gzip", "gzip"}) && !of({"aes128gcm"}) && !of({"compress"}));
}

void TestDecoder::givesUpOnBombs_data()
{
    QTest::addColumn<Coding>("coding");
    QTest::addColumn<Encode>("encode");
    QTest::newRow("gzip") << Coding::Gzip
                          << Encode([](const QByteArray &b) { return deflated(b, GzipFormat); });
    QTest::newRow("raw") << Coding::Deflate
                         << Encode([](const QByteArray &b) { return deflated(b, RawFormat); });
    QTest::newRow("brotli") << Coding::Brotli << Encode([](const QByteArray &b) { return brotliOf(b); });
    QTest::newRow("zstd") << Coding::Zstd << Encode([](const QByteArray &b) { return zstdOf(b); });
}

void TestDecoder::givesUpOnBombs()
{
    QFETCH(Coding, coding);
    QFETCH(Encode, encode);
    const QByteArray zeros(qsizetype(Decoder::FreeBytes), '\0');
    QCOMPARE(decoded(coding, {encode(zeros)}).size(), zeros.size()); // may grow as it likes up to here
    const QByteArray bomb = decoded(coding, {encode(zeros + zeros)});
    QVERIFY(bomb.endsWith("broken"));
    QVERIFY(bomb.size() < zeros.size() + 100'000);
    const QByteArray large = text(3 * qsizetype(Decoder::FreeBytes)); // grows, but like any text
    QCOMPARE(decoded(coding, {encode(large)}), large);
}

QTEST_GUILESS_MAIN(TestDecoder)
#include "tst_decoder.moc"
