// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/http1_reader.h"
#include <QTest>

using namespace weir::exchanges;
using Kind = Http1Reader::Kind;

class TestHttp1Reader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAtAnySplit_data();
    void readsAtAnySplit();
    void waitsForStart();
    void knowsReplies();
    void tellsWhatIsNoHttp();
};

void TestHttp1Reader::readsAtAnySplit_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("body");
    const QByteArray head = "POST /v1/x?y HTTP/1.1\r\nHost: a\r\nEmpty:\r\n";
    QTest::newRow("a length") << head + "Content-Length: 3\r\n\r\nabc" << QByteArray("abc");
    QTest::newRow("chunks") << head + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"
                            << QByteArray("abc");
    QTest::newRow("trailers") << head + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: v\r\n\r\n"
                              << QByteArray("a");
    QTest::newRow("no body") << head + "\r\n" << QByteArray();
}

void TestHttp1Reader::readsAtAnySplit()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, body);
    for (qsizetype at = 0; at <= bytes.size(); ++at) {
        Http1Reader reader(Kind::Requests);
        reader.feed(bytes.left(at));
        QCOMPARE(reader.message().isWhole, at == bytes.size());
        reader.feed(bytes.mid(at));
        const Message &message = reader.message();
        QVERIFY(message.isWhole);
        QCOMPARE(message.start, QByteArray("POST /v1/x?y"));
        QCOMPARE(message.fields[0], std::pair(QByteArray("Host"), QByteArray("a")));
        QCOMPARE(message.fields[1], std::pair(QByteArray("Empty"), QByteArray()));
        QCOMPARE(message.body, body);
        QCOMPARE(message.trailers.size(), std::size_t(bytes.contains("T: v")));
    }
}

void TestHttp1Reader::waitsForStart()
{
    Http1Reader reader(Kind::Requests);
    reader.feed("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
    QCOMPARE(reader.message().start, QByteArray("GET /a"));
    QCOMPARE(reader.rest(), QByteArray("GET /b HTTP/1.1\r\n\r\n"));
    reader.start();
    QCOMPARE(reader.message().start, QByteArray("GET /b"));
    QVERIFY(reader.rest().isEmpty());
}

void TestHttp1Reader::knowsReplies()
{
    Http1Reader reader(Kind::Replies);
    reader.feed("HTTP/1.1 100 Continue\r\n\r\n");
    QCOMPARE(reader.message().start, QByteArray("100"));
    QVERIFY(reader.message().isWhole);
    reader.start(true);
    reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"); // to HEAD
    QVERIFY(reader.message().isWhole);
    reader.start();
    reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    reader.finish();
    QVERIFY(reader.message().isCut && !reader.message().isWhole);

    Http1Reader other(Kind::Replies);
    other.feed("HTTP/1.1 200 OK\r\n\r\nab");
    QVERIFY(!other.message().isOver());
    other.finish();
    QVERIFY(other.message().isWhole && !other.message().isCut);
}

void TestHttp1Reader::tellsWhatIsNoHttp()
{
    Http1Reader reader(Kind::Replies);
    reader.feed("HELLO\r\n");
    QVERIFY(reader.fault().startsWith("this is no HTTP/1.1: "));
}

QTEST_APPLESS_MAIN(TestHttp1Reader)
#include "tst_http1_reader.moc"
