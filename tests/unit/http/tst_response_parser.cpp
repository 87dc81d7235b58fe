// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/limits.h"
#include "http/response_parser.h"
#include <QTest>

using namespace weir;
using base::Errc;
using http::ResponseParser;

namespace {

/// What came of a stream of bytes.
struct Outcome final : ResponseParser::Events
{
    void onHead(http::ResponseHead came) override
    {
        ++heads;
        head = std::move(came);
        headText = QByteArray::number(head.status);
        if (head.contentLength)
            headText += " [" + QByteArray::number(qlonglong(*head.contentLength)) + "]";
        for (const auto [name, value] : head.headers)
            headText += " " + QByteArray(name.data(), qsizetype(name.size())) + "=" +
                        QByteArray(value.data(), qsizetype(value.size()));
    }
    void onBody(std::string_view bytes) override { body.append(bytes.data(), qsizetype(bytes.size())); }
    void onEnd() override { ++ends; }

    http::ResponseHead head;
    int heads = 0;
    int ends = 0;
    QByteArray headText;
    QByteArray body;
    base::Error error;
    bool keepsAlive = false;
    qsizetype rest = 0; // bytes not consumed

    bool operator==(const Outcome &other) const
    {
        return heads == other.heads && ends == other.ends && headText == other.headText &&
               body == other.body && error.code == other.error.code && keepsAlive == other.keepsAlive &&
               rest == other.rest;
    }
};

/// Feeds `bytes` in two parts, then says that the connection has ended.
Outcome parse(const QByteArray &bytes, bool toHead, qsizetype split)
{
    Outcome outcome;
    ResponseParser parser(outcome);
    parser.expect(toHead);
    qsizetype used = 0;
    for (const auto &[from, size] : {std::pair(qsizetype(0), split), {split, bytes.size() - split}}) {
        const auto fed = parser.feed({bytes.constData() + from, std::size_t(size)});
        if (!fed) {
            outcome.error = fed.error();
            return outcome;
        }
        used += qsizetype(*fed);
        if (parser.isComplete())
            break;
    }
    outcome.rest = bytes.size() - used;
    outcome.keepsAlive = parser.keepsAlive();
    if (const auto finished = parser.finish(); !finished)
        outcome.error = finished.error();
    return outcome;
}

const QByteArray Ok = "HTTP/1.1 200 OK\r\n";

} // namespace

class TestResponseParser : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aGoodReplyIsRead_data();
    void aGoodReplyIsRead();
    void aBrokenReplyIsRefused_data();
    void aBrokenReplyIsRefused();
    void twoRepliesOneAfterTheOther();
};

void TestResponseParser::aGoodReplyIsRead_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("toHead");
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("keepsAlive");
    QTest::addColumn<int>("rest");
    const auto row = [](const char *name, const QByteArray &bytes, const QByteArray &head,
                        const QByteArray &body, bool keepsAlive = true, int rest = 0, bool toHead = false) {
        QTest::newRow(name) << bytes << toHead << head << body << keepsAlive << rest;
    };
    row("with a length", Ok + "Content-Length: 3\r\n\r\nabc", "200 [3]", "abc");
    row("empty", Ok + "Content-Length: 0\r\n\r\n", "200 [0]", "");
    row("in chunks", Ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX-T: 1\r\n\r\n",
        "200", "abc");
    row("until the end", Ok + "X-A: 1\r\n\r\nabc", "200 X-A=1", "abc", false);
    row("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "200 [1]", "a", false);
    row("HTTP/1.0 that stays", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
        "200 [1]", "a");
    row("closes", Ok + "Connection: x-a, Close\r\nX-A: 1\r\nContent-Length: 1\r\n\r\na", "200 [1]", "a",
        false);
    row("no reason", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", "404 [0]", "");
    row("reason in another alphabet", "HTTP/1.1 404 \xD0\x9D\r\nContent-Length: 0\r\n\r\n", "404 [0]", "");
    row("interim replies first",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + Ok +
            "Content-Length: 1\r\n\r\na",
        "200 [1]", "a");
    row("204", "HTTP/1.1 204 No Content\r\n\r\n", "204", "");
    row("304 with the length of what it spares", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        "304 [9]", "");
    row("to HEAD", Ok + "Content-Length: 9\r\n\r\n", "200 [9]", "", true, 0, true);
    row("to HEAD, chunked", Ok + "Transfer-Encoding: chunked\r\n\r\n", "200", "", true, 0, true);
    row("to HEAD, without a length", Ok + "\r\n", "200", "", true, 0, true);
    row("surplus bytes are left", Ok + "Content-Length: 1\r\n\r\naHTTP/1.1 200", "200 [1]", "a", true, 12);
    row("surplus after a 204", "HTTP/1.1 204 No Content\r\n\r\nhello", "204", "", true, 5);
    row("an upgrade that nobody took",
        Ok + "Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\na", "200 [1]", "a");
    QByteArray fields;
    for (std::size_t count = 1; count < http::FieldCountMax; ++count)
        fields += "A: \r\n";
    QTest::newRow("as many fields as may be") << Ok + fields + "Content-Length: 0\r\n\r\n"
                                              << false << QByteArray() << QByteArray() << true << 0;
}

void TestResponseParser::aGoodReplyIsRead()
{
    QFETCH(QByteArray, bytes);
    QFETCH(bool, toHead);
    QFETCH(QByteArray, head);
    QFETCH(QByteArray, body);
    QFETCH(bool, keepsAlive);
    QFETCH(int, rest);
    const Outcome whole = parse(bytes, toHead, bytes.size());
    QCOMPARE(whole.error.detail, std::string());
    QCOMPARE(whole.heads, 1);
    QCOMPARE(whole.ends, 1);
    if (!head.isEmpty())
        QCOMPARE(whole.headText, head);
    QCOMPARE(whole.body, body);
    QCOMPARE(whole.keepsAlive, keepsAlive);
    QCOMPARE(whole.rest, rest);
    for (qsizetype split = 0; split < bytes.size(); ++split) {
        const Outcome parts = parse(bytes, toHead, split);
        QVERIFY2(parts == whole, QByteArray::number(split).constData());
    }
}

void TestResponseParser::aBrokenReplyIsRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<Errc>("code");
    const auto row = [](const char *name, const QByteArray &bytes, Errc code = Errc::UpstreamProtocol) {
        QTest::newRow(name) << bytes << code;
    };
    const QByteArray chunked = Ok + "Transfer-Encoding: chunked\r\n\r\n";
    row("nothing", "", Errc::UpstreamClosed);
    row("half a head", Ok + "X-A", Errc::UpstreamTruncated);
    row("half a body", Ok + "Content-Length: 3\r\n\r\nab", Errc::UpstreamTruncated);
    row("no last chunk", chunked + "1\r\na\r\n", Errc::UpstreamTruncated);
    row("half a chunk", chunked + "5\r\na", Errc::UpstreamTruncated);
    row("no end after the last chunk", chunked + "1\r\na\r\n0\r\n", Errc::UpstreamTruncated);
    row("HTTP/0.9", "<html>hello</html>");
    row("noise", QByteArray(40, '\xA5'));
    row("HTTP/2", QByteArray("\0\0\x06\x04\0\0\0\0\0", 9));
    row("HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n");
    row("status 000", "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n");
    row("status 600", "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n");
    row("status 99999", "HTTP/1.1 99999 OK\r\nContent-Length: 0\r\n\r\n");
    row("no status", "HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n");
    row("two blanks", "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n");
    row("101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
    row("an empty line first", "\r\n" + Ok + "Content-Length: 0\r\n\r\n");
    row("17 interim replies", QByteArray("HTTP/1.1 103 Early\r\n\r\n").repeated(17) + Ok + "\r\n");
    row("two lengths", Ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na");
    row("a list of lengths", Ok + "Content-Length: 1, 1\r\n\r\na");
    row("negative length", Ok + "Content-Length: -1\r\n\r\n");
    row("length with a sign", Ok + "Content-Length: +1\r\n\r\na");
    row("length without digits", Ok + "Content-Length:\r\n\r\n");
    row("length of 20 digits", Ok + "Content-Length: 99999999999999999999\r\n\r\n");
    row("length and chunks", Ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    row("unknown coding", Ok + "Transfer-Encoding: gzip\r\n\r\nabc");
    row("two codings", Ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    row("chunked twice", Ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    row("chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    row("a body in a 204", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello");
    row("bad chunk size", chunked + "zz\r\n");
    row("negative chunk size", chunked + "-1\r\n");
    row("chunk size of 17 digits", chunked + "fffffffffffffffff\r\n");
    row("chunk size of 63 bits and more", chunked + "8000000000000000\r\n");
    row("chunk sizes of 63 bits together", chunked + "1\r\na\r\n7fffffffffffffff\r\n");
    row("chunk longer than its size", chunked + "1\r\nabc\r\n");
    row("chunk extension without end", chunked + "1;" + QByteArray(5000, 'x') + "\r\na\r\n0\r\n\r\n");
    row("bare LF in the head", Ok + "X-A: 1\nX-B: 2\r\n\r\n");
    row("bare CR in the head", Ok + "X-A: 1\rX-B: 2\r\n\r\n");
    row("NUL in the head", Ok + QByteArray("X-A: a\0b\r\n\r\n", 12));
    row("folded field", Ok + "X-A: 1\r\n 2\r\n\r\n");
    row("blank before the colon", Ok + "X-A : 1\r\n\r\n");
    row("field without a name", Ok + ": 1\r\n\r\n");
    row("folded trailer", chunked + "0\r\nX-A: 1\r\n 2\r\n\r\n");
    row("a head of 70 KB", Ok + "X-A: " + QByteArray(70'000, 'a') + "\r\n\r\n");
    row("201 fields", Ok + QByteArray("A: \r\n").repeated(201) + "\r\n");
}

void TestResponseParser::aBrokenReplyIsRefused()
{
    QFETCH(QByteArray, bytes);
    QFETCH(Errc, code);
    const Outcome whole = parse(bytes, false, bytes.size());
    QCOMPARE(whole.error.code, code);
    QCOMPARE(whole.ends, 0);
    const qsizetype step = bytes.size() > 2000 ? 499 : 1;
    for (qsizetype split = 0; split < bytes.size(); split += step) {
        const Outcome parts = parse(bytes, false, split);
        QCOMPARE(parts.error.code, code);
        QCOMPARE(parts.ends, 0);
    }
}

void TestResponseParser::twoRepliesOneAfterTheOther()
{
    Outcome outcome;
    ResponseParser parser(outcome);
    for (const bool toHead : {true, false}) {
        parser.expect(toHead);
        const QByteArray bytes = Ok + "Content-Length: 1\r\n\r\n" + (toHead ? "" : "a");
        const auto fed = parser.feed({bytes.constData(), std::size_t(bytes.size())});
        QVERIFY(fed.has_value());
        QVERIFY(parser.isComplete());
        QVERIFY(parser.keepsAlive());
        const auto more = parser.feed("HTTP");
        QVERIFY(more && *more == 0);
    }
    QCOMPARE(outcome.ends, 2);
    QCOMPARE(outcome.body, QByteArray("a"));
}

QTEST_GUILESS_MAIN(TestResponseParser)
#include "tst_response_parser.moc"
