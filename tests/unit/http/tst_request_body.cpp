// SPDX-License-Identifier: GPL-3.0-or-later
// Where a body ends (RFC 9112 §6, §7.1). Every row is fed in one piece, byte by byte, and cut at each
// position: the outcome must be the same.
#include "request_outcome.h"
#include <QTest>

using namespace weir::http;
using weir::base::Errc;

class TestRequestBody : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void accepts_data();
    void accepts();
    void refusesFraming_data();
    void refusesFraming();
    void refusesChunks_data();
    void refusesChunks();
    void tellsTheHeadOfABodyThatIsTooLarge();

private:
    static void refuse();
};

void TestRequestBody::accepts_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QByteArray &bytes, const QByteArray &body) {
        QTest::newRow(name) << bytes << body;
    };
    row("chunks", chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), "hello world");
    row("chunk sizes in either case, with zeros",
        chunked("00a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), "01234567890123456789");
    row("chunk extension is dropped", chunked("5;a=b\r\nhello\r\n0\r\n\r\n"), "hello");
    row("last chunk of many zeros", chunked("5\r\nhello\r\n0000000000\r\n\r\n"), "hello");
    row("some padding", chunked("5;a=\"b c\"\r\nhello\r\n00000000000000000001\r\n!\r\n0\r\n\r\n"), "hello!");
    row("small chunks", chunked(QByteArray("1\r\nx\r\n").repeated(900) + "0\r\n\r\n"), QByteArray(900, 'x'));
    row("trailer is dropped", chunked("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"), "hello");
}

void TestRequestBody::accepts()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, body);
    const Outcome outcome = parseEachWay(bytes);
    QVERIFY2(outcome.error == Errc::None, outcome.detail.c_str());
    QCOMPARE(outcome.ended, 1);
    QCOMPARE(QByteArray::fromStdString(outcome.bodies.front()), body);
}

void TestRequestBody::refusesFraming_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const QByteArray &bytes, Errc code = Errc::MalformedRequest) {
        QTest::newRow(name) << bytes << int(code);
    };
    // RFC 9112 §6: what two programs could cut differently.
    for (const char *coding : {"chunked", "Chunked", "xchunked", "chunked, identity", "identity",
                               "gzip, chunked", "\"chunked\"", "chunked\t", ", chunked", "chunked;q=1",
                               "\x0b"
                               "chunked"}) {
        const QByteArray field = "Transfer-Encoding: " + QByteArray(coding) + "\r\n";
        QTest::addRow("length, then %s", coding)
            << post("Content-Length: 5\r\n" + field, "0\r\n\r\n") << int(Errc::MalformedRequest);
        QTest::addRow("%s, then length", coding)
            << post(field + "Content-Length: 5\r\n", "0\r\n\r\n") << int(Errc::MalformedRequest);
        if (QByteArray(coding).trimmed().toLower() != "chunked")
            QTest::addRow("only %s", coding) << post(field, "0\r\n\r\n") << int(Errc::MalformedRequest);
    }
    row("two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
    row("chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    for (const char *length : {"2,2", "+2", "-2", "0x2", "2 2", "", "18446744073709551618",
                               "9223372036854775808", "\xD9\xA2", "2a", "1e1"})
        QTest::addRow("length '%s'", length)
            << post("Content-Length: " + QByteArray(length) + "\r\n", "hi") << int(Errc::MalformedRequest);
    row("two lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "hi"));
    row("announced body", post("Content-Length: 1001\r\n"), Errc::BodyTooLarge);
    row("huge announced body", post("Content-Length: 1099511627776\r\n"), Errc::BodyTooLarge);
    row("chunked body", chunked("3e8\r\n" + QByteArray(1000, 'a') + "\r\n1\r\na\r\n0\r\n\r\n"),
        Errc::BodyTooLarge);
}

void TestRequestBody::refusesFraming()
{
    refuse();
}

void TestRequestBody::refusesChunks_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const QByteArray &body, Errc code = Errc::MalformedRequest) {
        QTest::newRow(name) << chunked(body) << int(code);
    };
    for (const char *size : {"ffffffffffffffff1",
                             "-2",
                             "+2",
                             "0x2",
                             "2_",
                             "",
                             " 2",
                             "2 ",
                             "2;",
                             "2 ;a=b",
                             "g",
                             "2\n",
                             "2\r\r",
                             "8000000000000000",
                             "10000000000000002",
                             "ffffffffffffffff",
                             "7fffffffffffffff2",
                             "\t2",
                             "2\t",
                             "2,2",
                             "2; a",
                             "0x",
                             "2h",
                             "\xEF\xBC\x92",
                             "2\r\r;"})
        QTest::addRow("chunk size '%s'", size)
            << chunked(QByteArray(size) + "\r\nhi\r\n0\r\n\r\n") << int(Errc::MalformedRequest);
    row("chunk longer than said", "2\r\nhiXX\r\n0\r\n\r\n");
    row("chunk ended by LF", "2\r\nhi\n0\r\n\r\n");
    row("endless extension", "2;" + QByteArray(5000, 'a') + "\r\nhi\r\n0\r\n\r\n");
    row("endless trailer", "0\r\nX: " + QByteArray(5000, 'a') + "\r\n\r\n");
    row("endless zeros before a size", QByteArray(5000, '0') + "2\r\nhi\r\n0\r\n\r\n");
    row("endless zeros after a body", "2\r\nhi\r\n" + QByteArray(5000, '0'));
    row("padding in sum", ("1;" + QByteArray(200, 'a') + "\r\nx\r\n").repeated(30) + "0\r\n\r\n");
    row("many small trailers", "0\r\n" + QByteArray("a: b\r\n").repeated(1000) + "\r\n");
    row("CR in an extension", "2;a\rb\r\nhi\r\n0\r\n\r\n");
    row("LF in an extension", "2;a\nb\r\nhi\r\n0\r\n\r\n");
    row("NUL in an extension", "2;a" + QByteArray(1, '\0') + "\r\nhi\r\n0\r\n\r\n");
    row("LF after an extension", "2;a=b\nhi\r\n0\r\n\r\n");
    row("LF ends the last chunk", "0\r\n\n");
    row("LF ends a trailer", "0\r\nX: y\n\r\n");
    row("CR in a trailer", "0\r\nX: a\rb\r\n\r\n");
    row("folded trailer", "0\r\nX: a\r\n b\r\n\r\n");
    row("NUL in a trailer", "0\r\nX: a" + QByteArray(1, '\0') + "\r\n\r\n");
    row("control byte in a trailer", "0\r\nX: a\x01\r\n\r\n");
    row("blank before the colon in a trailer", "0\r\nX : a\r\n\r\n");
    row("trailer without a name", "0\r\n: a\r\n\r\n");
    row("trailer without a colon", "0\r\nnocolon\r\n\r\n");
    row("Host in the trailer", "0\r\nhOST: evil.example\r\n\r\n");
    row("coding in the trailer", "0\r\nTransfer-Encoding: chunked\r\n\r\n");
    row("length in the trailer", "0\r\nContent-Length: 5\r\n\r\n");
    row("length in the trailer, after an empty field", "0\r\nX:\r\ncontent-length:\r\n\r\n");
    row("one that is longer than the limit", "3e9\r\n", Errc::BodyTooLarge);
    row("one that is far longer", "7fffffffffffffff\r\n", Errc::BodyTooLarge);
    row("together longer than the limit", "3e8\r\n" + QByteArray(1000, 'a') + "\r\n1\r\n",
        Errc::BodyTooLarge);
}

void TestRequestBody::refusesChunks()
{
    refuse();
}

void TestRequestBody::refuse()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, code);
    const Outcome outcome = parseEachWay(bytes);
    QCOMPARE(outcome.error, Errc(code));
    QCOMPARE(outcome.ended, 0);
}

void TestRequestBody::tellsTheHeadOfABodyThatIsTooLarge()
{
    // So that the refusal can speak the client's dialect.
    const Outcome outcome = parseEachWay(post("Content-Length: 5000\r\n"));
    QCOMPARE(outcome.heads.size(), std::size_t(1));
    QCOMPARE(outcome.error, Errc::BodyTooLarge);
}

QTEST_GUILESS_MAIN(TestRequestBody)
#include "tst_request_body.moc"
