// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/head_scanner.h"
#include "http/limits.h"
#include <QTest>

using namespace weir;
using base::Errc;
using http::HeadScanner;

namespace {

/// Bytes that belong to the head, or -1 and why not.
struct Scan
{
    qsizetype used = 0;
    bool isComplete = false;
    Errc error = Errc::None;

    bool operator==(const Scan &) const = default;
};

Scan scan(HeadScanner scanner, const QByteArray &bytes, qsizetype pieceSize)
{
    Scan result;
    for (qsizetype at = 0; at < bytes.size() && !scanner.isComplete(); at += pieceSize) {
        const QByteArray piece = bytes.mid(at, pieceSize);
        const auto used = scanner.scan({piece.constData(), std::size_t(piece.size())});
        if (!used)
            return {-1, false, used.error().code};
        result.used += qsizetype(*used);
    }
    result.isComplete = scanner.isComplete();
    return result;
}

} // namespace

class TestHeadScanner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheEnd_data();
    void findsTheEnd();
    void refuses_data();
    void refuses();
    void readsTrailersByTheSameRules();
    void startsAnew();
    void isUntouchedByEmptyLines();
    void namesTls();
};

void TestHeadScanner::findsTheEnd_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<qlonglong>("used");
    QTest::addColumn<bool>("isComplete");
    const auto row = [](const char *name, const QByteArray &bytes, qsizetype used, bool isComplete) {
        QTest::newRow(name) << bytes << qlonglong(used) << isComplete;
    };
    const QByteArray head = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
    row("whole", head, head.size(), true);
    row("with more behind it", head + "\x01\n\r garbage", head.size(), true);
    row("only a request line", "GET / HTTP/1.1\r\n\r\n", 18, true);
    row("after empty lines", "\r\n\r\n" + head, head.size() + 4, true);
    row("no end yet", head.chopped(1), head.size() - 1, false);
    row("nothing", "", 0, false);
    row("only empty lines", "\r\n\r\n\r\n", 6, false);
    const QByteArray line = "GET /" + QByteArray(qsizetype(http::RequestLineMax) - 14, 'a') + " HTTP/1.1\r\n";
    QCOMPARE(line.size(), qsizetype(http::RequestLineMax) + 2);
    row("longest request line", line + "\r\n", line.size() + 2, true);
    const QByteArray method(qsizetype(http::MethodMax), 'A');
    row("longest method", method + " / HTTP/1.1\r\n\r\n", method.size() + 15, true);
    const QByteArray fields =
        "GET / HTTP/1.1\r\n" + QByteArray("a:b\r\n").repeated(http::FieldCountMax) + "\r\n";
    row("most fields", fields, fields.size(), true);
    const QByteArray start = "GET / HTTP/1.1\r\na: ";
    const QByteArray largest =
        start + QByteArray(qsizetype(http::HeadMax) - start.size() - 4, 'x') + "\r\n\r\n";
    row("largest head", largest, largest.size(), true);
}

void TestHeadScanner::findsTheEnd()
{
    QFETCH(QByteArray, bytes);
    QFETCH(qlonglong, used);
    QFETCH(bool, isComplete);
    for (const qsizetype pieceSize :
         {bytes.size() + 1, qsizetype(1), qsizetype(2), qsizetype(3), qsizetype(7)})
        QCOMPARE(scan({}, bytes, pieceSize), (Scan{used, isComplete, Errc::None}));
}

void TestHeadScanner::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const QByteArray &bytes, Errc code = Errc::MalformedRequest) {
        QTest::newRow(name) << bytes << int(code);
    };
    const QByteArray line = "GET / HTTP/1.1\r\n";
    row("LF alone", "GET / HTTP/1.1\n");
    row("LF first", "\n");
    row("CR alone", "GET / HTTP/1.1\rX");
    row("CR twice", "GET / HTTP/1.1\r\r\n");
    row("CR, LF, CR, text", line + "\rZ");
    row("folded by a blank", line + "a: b\r\n c\r\n");
    row("folded by a tab", line + "a: b\r\n\tc\r\n");
    row("no name", line + ": b\r\n");
    row("NUL", line + "a: " + QByteArray(1, '\0'));
    row("DEL", line + "a: \x7f");
    row("tab in the request line", "GET\t/ HTTP/1.1\r\n");
    row("byte above ASCII in the request line", "GET /\x80 HTTP/1.1\r\n");
    row("two blanks", "GET  /");
    row("a method too long", QByteArray(qsizetype(http::MethodMax) + 1, 'A'));
    row("a request line too long", "GET /" + QByteArray(qsizetype(http::RequestLineMax) - 4, 'a'),
        Errc::TargetTooLong);
    row("a field too many", line + QByteArray("a:b\r\n").repeated(http::FieldCountMax + 1),
        Errc::HeadTooLarge);
    row("a byte too many", line + "a: " + QByteArray(qsizetype(http::HeadMax), 'x'), Errc::HeadTooLarge);
    row("endless empty lines", QByteArray("\r\n").repeated(http::HeadMax), Errc::HeadTooLarge);
}

void TestHeadScanner::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, code);
    for (const qsizetype pieceSize : {bytes.size(), qsizetype(1), qsizetype(2), qsizetype(3), qsizetype(7)})
        QCOMPARE(scan({}, bytes, pieceSize), (Scan{-1, false, Errc(code)}));
}

void TestHeadScanner::readsTrailersByTheSameRules()
{
    const auto trailers = [](const QByteArray &bytes) {
        const Scan whole = scan(HeadScanner::forTrailers(), bytes, bytes.size());
        const bool isSame = whole == scan(HeadScanner::forTrailers(), bytes, 1);
        return isSame ? whole : Scan{-2};
    };
    QCOMPARE(trailers("\r\nGET"), (Scan{2, true, Errc::None}));
    QCOMPARE(trailers("a: b\r\n\r\nGET"), (Scan{8, true, Errc::None}));
    for (const char *bytes : {"\n", "\rx", " a: b\r\n", ": b\r\n", "a: b\r\n c\r\n", "a: \x01"})
        QCOMPARE(trailers(bytes), (Scan{-1, false, Errc::MalformedRequest}));
}

void TestHeadScanner::startsAnew()
{
    HeadScanner scanner;
    QVERIFY(scanner.isUntouched());
    QVERIFY(scanner.scan("GET / HTTP/1.1\r\n\r\n"));
    QVERIFY(scanner.isComplete());
    QVERIFY(!scanner.isUntouched());
    scanner.reset();
    QVERIFY(scanner.isUntouched());
    QVERIFY(!scanner.isComplete());
}

void TestHeadScanner::isUntouchedByEmptyLines()
{
    // Some clients end a body with an empty line; the connection then waits for a request, not for its rest.
    HeadScanner scanner;
    for (const char *piece : {"\r\n", "\r", "\n", "\r\n\r\n"}) {
        QVERIFY(scanner.scan(piece));
        QCOMPARE(scanner.isUntouched(), std::string_view(piece) != "\r");
    }
    QVERIFY(scanner.scan("G"));
    QVERIFY(!scanner.isUntouched());
}

void TestHeadScanner::namesTls()
{
    // Somebody wrote https:// for http://: the log should say so.
    const auto hello = HeadScanner().scan("\x16\x03\x01");
    QVERIFY(!hello);
    QCOMPARE(hello.error().detail, std::string("TLS on the HTTP port"));
    const auto later = HeadScanner().scan("GET /\x16");
    QVERIFY(!later);
    QCOMPARE(later.error().detail, std::string("control byte in the head"));
}

QTEST_GUILESS_MAIN(TestHeadScanner)
#include "tst_head_scanner.moc"
