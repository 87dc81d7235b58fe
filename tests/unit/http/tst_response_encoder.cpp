// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/response_encoder.h"
#include <QTest>

using namespace weir::http;

class TestResponseEncoder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void framesEachWay();
    void leavesOutWhatCouldStartALine();
    void leavesOutForeignFraming();
    void encodesChunks();
};

void TestResponseEncoder::framesEachWay()
{
    ResponseHead head;
    head.status = 200;
    head.headers.add("Content-Type", "text/plain");
    head.contentLength = 5;
    QCOMPARE(encodeHead(head, BodyFraming::ContentLength, true),
             QByteArray("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"));
    QCOMPARE(encodeHead(head, BodyFraming::None, true), // the answer to HEAD
             QByteArray("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"));
    head.contentLength.reset();
    QVERIFY(encodeHead(head, BodyFraming::Chunked, true).endsWith("\r\nTransfer-Encoding: chunked\r\n\r\n"));
    QVERIFY(encodeHead(head, BodyFraming::UntilClose, false).endsWith("\r\nConnection: close\r\n\r\n"));
    head.status = 204;
    head.contentLength = 0;
    QVERIFY(!encodeHead(head, BodyFraming::None, true).contains("Length"));
    head.status = 529; // no phrase, but the blank before it stays
    QVERIFY(encodeHead(head, BodyFraming::ContentLength, true).startsWith("HTTP/1.1 529 \r\n"));
}

void TestResponseEncoder::leavesOutWhatCouldStartALine()
{
    ResponseHead head;
    head.headers.add("x-good", "1");
    head.headers.add("x-bad", "a\r\nX-Injected: 1");
    head.headers.add("x-lf", "a\nb");
    head.headers.add("x bad", "1");
    head.headers.add("", "1");
    head.headers.add("x-nul", std::string_view("a\0b", 3));
    head.contentLength = 0;
    QCOMPARE(encodeHead(head, BodyFraming::ContentLength, true),
             QByteArray("HTTP/1.1 200 OK\r\nx-good: 1\r\nContent-Length: 0\r\n\r\n"));
}

void TestResponseEncoder::leavesOutForeignFraming()
{
    ResponseHead head;
    for (const char *name :
         {"content-length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "Trailer", "TE",
          "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization"})
        head.headers.add(name, "7");
    QCOMPARE(encodeHead(head, BodyFraming::Chunked, true),
             QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
}

void TestResponseEncoder::encodesChunks()
{
    QCOMPARE(encodeChunk("hello"), QByteArray("5\r\nhello\r\n"));
    QCOMPARE(encodeChunk(QByteArray(255, 'a')), "ff\r\n" + QByteArray(255, 'a') + "\r\n");
    QCOMPARE(encodeLastChunk(), QByteArray("0\r\n\r\n"));
}

QTEST_GUILESS_MAIN(TestResponseEncoder)
#include "tst_response_encoder.moc"
