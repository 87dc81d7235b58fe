// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/reply_scanner.h"
#include <QTest>

using weir::load::ReplyScanner;

namespace {

struct Seen
{
    std::string body;
    std::size_t used = 0;
    bool isComplete = false;
    bool isMalformed = false;
    int status = 0;
    bool keepsAlive = false;
    bool operator==(const Seen &) const = default;
};

/// What the scanner makes of `text`, given in pieces that end at `cuts`; then the connection ends if
/// `closes`.
Seen scan(ReplyScanner &scanner, std::string_view text, std::vector<std::size_t> cuts, bool closes)
{
    Seen seen;
    scanner.reset();
    cuts.push_back(text.size());
    std::size_t begin = 0;
    for (const std::size_t cut : cuts) {
        std::string_view input = text.substr(begin, cut - begin);
        while (!input.empty() && !scanner.isOver())
            seen.body += scanner.take(input);
        seen.used += cut - begin - input.size();
        begin = cut;
    }
    if (closes)
        scanner.end();
    seen.isComplete = scanner.isComplete();
    seen.isMalformed = scanner.isMalformed();
    seen.status = scanner.status();
    seen.keepsAlive = scanner.keepsAlive();
    return seen;
}

} // namespace

class TestReplyScanner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheEndHoweverCut_data();
    void findsTheEndHoweverCut();
    void refusesWhatIsMalformed_data();
    void refusesWhatIsMalformed();
    void waitsForTheRest_data();
    void waitsForTheRest();
    void boundsAHead();
};

void TestReplyScanner::findsTheEndHoweverCut_data()
{
    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<bool>("closes");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("keepsAlive");
    QTest::newRow("a body of a known length")
        << QByteArray("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello") << false << QByteArray("hello")
        << 200 << true;
    QTest::newRow("an empty body") << QByteArray("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                                   << false << QByteArray() << 404 << true;
    QTest::newRow("the same length twice")
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx") << false
        << QByteArray("x") << 200 << true;
    QTest::newRow("chunks, with an extension and trailers")
        << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "5\r\nhello\r\n10;a=b\r\n0123456789abcdef\r\n0\r\nX-A: b\r\nX-C: d\r\n\r\n")
        << false << QByteArray("hello0123456789abcdef") << 200 << true;
    QTest::newRow("no chunk but the last")
        << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") << false
        << QByteArray() << 200 << true;
    QTest::newRow("a chunk size in capitals with zeros before it")
        << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n00A\r\n0123456789\r\n0\r\n\r\n")
        << false << QByteArray("0123456789") << 200 << true;
    QTest::newRow("until the connection ends") << QByteArray("HTTP/1.1 200 OK\r\n\r\nall of this") << true
                                               << QByteArray("all of this") << 200 << false;
    QTest::newRow("a status that has no body")
        << QByteArray("HTTP/1.1 204 No Content\r\n\r\n") << false << QByteArray() << 204 << true;
    QTest::newRow("an interim head before the real one")
        << QByteArray("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok") << false
        << QByteArray("ok") << 200 << true;
    QTest::newRow("a peer that will close")
        << QByteArray("HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 2\r\n\r\nok") << false
        << QByteArray("ok") << 200 << false;
    QTest::newRow("HTTP/1.0") << QByteArray("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok") << false
                              << QByteArray("ok") << 200 << false;
    QTest::newRow("HTTP/1.0 that stays")
        << QByteArray("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok") << false
        << QByteArray("ok") << 200 << true;
    QTest::newRow("fields that only look alike")
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Lengthy: 9\r\nTransfer: chunked\r\nX-Content-Length: 7\r\n"
                      "Content-Length:2\r\n\r\nok")
        << false << QByteArray("ok") << 200 << true;
}

void TestReplyScanner::findsTheEndHoweverCut()
{
    QFETCH(const QByteArray, reply);
    QFETCH(const bool, closes);
    QFETCH(const QByteArray, body);
    QFETCH(const int, status);
    QFETCH(const bool, keepsAlive);
    const Seen expected{body.toStdString(), std::size_t(reply.size()), true, false, status, keepsAlive};
    const std::string text = reply.toStdString();
    ReplyScanner scanner; // one for all, as a connection has it
    QVERIFY(scan(scanner, text, {}, closes) == expected);
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second)
            QVERIFY2(scan(scanner, text, {first, second}, closes) == expected,
                     qPrintable(QStringLiteral("cut at %1 and %2").arg(first).arg(second)));
    }
    std::vector<std::size_t> everywhere;
    for (std::size_t cut = 1; cut < text.size(); ++cut)
        everywhere.push_back(cut);
    QVERIFY(scan(scanner, text, everywhere, closes) == expected);
    if (!closes) { // what follows is left alone
        const Seen more = scan(scanner, text + "HTTP", {}, false);
        QVERIFY(more == expected);
    }
}

void TestReplyScanner::refusesWhatIsMalformed_data()
{
    QTest::addColumn<QByteArray>("reply");
    QTest::newRow("no HTTP") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    QTest::newRow("HTTP/2") << QByteArray("HTTP/2 200\r\n\r\n");
    QTest::newRow("a status of two digits") << QByteArray("HTTP/1.1 20 OK\r\n\r\n");
    QTest::newRow("a status of four digits") << QByteArray("HTTP/1.1 2000\r\nContent-Length: 0\r\n\r\n");
    QTest::newRow("a negative status") << QByteArray("HTTP/1.1 -20 OK\r\n\r\n");
    QTest::newRow("two lengths") << QByteArray(
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx");
    QTest::newRow("a length that is no number")
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\nx");
    QTest::newRow("a negative length") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");
    QTest::newRow("an empty length") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n");
    QTest::newRow("a length beyond 64 bits")
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n");
    QTest::newRow("length and chunks")
        << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    QTest::newRow("another coding") << QByteArray(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
    QTest::newRow("a field without a colon") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length 5\r\n\r\n");
    QTest::newRow("a field without a name") << QByteArray("HTTP/1.1 200 OK\r\n: 5\r\n\r\n");
    const QByteArray chunked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    QTest::newRow("a chunk without a size") << QByteArray(chunked + "\r\nhello\r\n");
    QTest::newRow("a chunk size that is no number") << QByteArray(chunked + "g\r\n");
    QTest::newRow("a chunk size beyond 60 bits") << QByteArray(chunked + "1000000000000000\r\n");
    QTest::newRow("a bare line feed behind a size") << QByteArray(chunked + "5\nhello\r\n");
    QTest::newRow("a bare carriage return behind a size") << QByteArray(chunked + "5\rhello\r\n");
    QTest::newRow("a bare line feed in an extension") << QByteArray(chunked + "5;a\nhello\r\n");
    QTest::newRow("a chunk longer than its size") << QByteArray(chunked + "4\r\nhello\r\n");
    QTest::newRow("a bare line feed behind a chunk") << QByteArray(chunked + "5\r\nhello\n0\r\n\r\n");
    QTest::newRow("a bare line feed at the end") << QByteArray(chunked + "0\r\n\n");
    QTest::newRow("a bare line feed in trailers") << QByteArray(chunked + "0\r\nA: b\n\r\n");
    QTest::newRow("trailers without an end") << QByteArray(chunked + "0\r\n" + QByteArray(65 * 1024, 'a'));
}

void TestReplyScanner::refusesWhatIsMalformed()
{
    QFETCH(const QByteArray, reply);
    const std::string text = reply.toStdString();
    ReplyScanner scanner;
    QVERIFY(scan(scanner, text, {}, false).isMalformed);
    for (std::size_t cut = 0; cut <= std::min<std::size_t>(text.size(), 300); ++cut)
        QVERIFY2(scan(scanner, text, {cut}, false).isMalformed,
                 qPrintable(QStringLiteral("cut at %1").arg(cut)));
}

void TestReplyScanner::waitsForTheRest_data()
{
    QTest::addColumn<QByteArray>("reply");
    QTest::newRow("of a body") << QByteArray("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    QTest::newRow("of the chunks") << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                                 "5\r\nhello\r\n0\r\n\r\n");
}

void TestReplyScanner::waitsForTheRest()
{
    QFETCH(const QByteArray, reply);
    const std::string text = reply.toStdString();
    ReplyScanner scanner;
    for (std::size_t size = 0; size < text.size(); ++size) {
        const Seen open = scan(scanner, text.substr(0, size), {}, false);
        QVERIFY(!open.isComplete && !open.isMalformed);
        QCOMPARE(scanner.hasBegun(), size > 0);
        QVERIFY(scan(scanner, text.substr(0, size), {}, true).isMalformed); // it was cut
    }
}

void TestReplyScanner::boundsAHead()
{
    ReplyScanner scanner;
    const std::string endless = "HTTP/1.1 200 OK\r\nA: " + std::string(ReplyScanner::HeadMax, 'a');
    QVERIFY(!scan(scanner, endless.substr(0, ReplyScanner::HeadMax), {}, false).isMalformed);
    QVERIFY(scan(scanner, endless, {}, false).isMalformed);
    QVERIFY(scan(scanner, endless, {1000, 40'000}, false).isMalformed);
}

QTEST_APPLESS_MAIN(TestReplyScanner)
#include "tst_reply_scanner.moc"
