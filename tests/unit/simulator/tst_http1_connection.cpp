// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/simulator.h"

#include "raw_caller.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <QHostAddress>
#include <QRegularExpression>
#include <QTcpSocket>
#include <QTest>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace weir::simulator;

class TestHttp1Connection : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void recordsWhatArrives();
    void answersSplitAnywhere();
    void answersPipelinedInOrder();
    void streamsChunkByChunk();
    void stampsWhenItSends();
    void noticesThatCallerLeft_data();
    void noticesThatCallerLeft();
    void breaksOff_data();
    void breaksOff();
    void resetsOrCloses_data();
    void resetsOrCloses();
    void staysSilent_data();
    void staysSilent();
    void writesFaultyHeads();
    void closesWhenAsked_data();
    void closesWhenAsked();
    void answersHeadWithoutBody();
    void asksForBody();
    void refusesBadRequests_data();
    void refusesBadRequests();
    void sendsLargeBodies();

private:
    std::unique_ptr<Simulator> simulator;
    std::unique_ptr<Caller> caller;
    QList<Arrived> arrived;
    QList<Arrived> served;
};

void TestHttp1Connection::init()
{
    arrived.clear();
    served.clear();
    Options options;
    options.chunkGapMs = 0;
    options.chunkCount = 4;
    simulator = std::make_unique<Simulator>(options);
    connect(simulator.get(), &Simulator::arrived, this, [this](const Arrived &record) { arrived += record; });
    connect(simulator.get(), &Simulator::served, this, [this](const Arrived &record) { served += record; });
    const auto port = simulator->listen();
    QVERIFY(port);
    caller = std::make_unique<Caller>(*port);
    QTRY_COMPARE(caller->socket.state(), QAbstractSocket::ConnectedState);
}

void TestHttp1Connection::cleanup()
{
    caller.reset();
    simulator.reset();
}

void TestHttp1Connection::recordsWhatArrives()
{
    const QByteArray body = "{\"model\":\"m\",\"x\":\"\xc3\xa4\"}  ";
    caller->send(
        post("/v1/messages?beta=true", body, "X-Api-Key: k\r\nanthropic-beta: a\r\nAnthropic-Beta: b\r\n"));
    QTRY_COMPARE(served.size(), 1);
    QCOMPARE(arrived.size(), 1);
    QCOMPARE(arrived[0].status, 0);
    const Arrived &record = served[0];
    QCOMPARE(record.protocol, "http/1.1");
    QVERIFY(!record.tls);
    QCOMPARE(record.method, "POST");
    QCOMPARE(record.target, "/v1/messages?beta=true");
    QCOMPARE(record.headers, "Host: localhost\nX-Api-Key: k\nanthropic-beta: a\nAnthropic-Beta: b\n"
                             "Content-Length: 24\n");
    QCOMPARE(record.body, body);
    QCOMPARE(record.status, 200);
    QVERIFY(record.completed);
    QVERIFY(!record.cancelled);
}

void TestHttp1Connection::answersSplitAnywhere()
{
    const QByteArray request = message("m", false);
    for (qsizetype index = 0; index < request.size(); ++index) {
        caller->send(request.mid(index, 1));
        QCoreApplication::processEvents();
    }
    QTRY_COMPARE(served.size(), 1);
    QCOMPARE(served[0].status, 200);
}

void TestHttp1Connection::answersPipelinedInOrder()
{
    constexpr int Count = 100;
    QByteArray requests;
    for (int index = 0; index < Count; ++index)
        requests += post("/v1/messages", R"({"model":"<)" + QByteArray::number(index) + ">\"}");
    caller->send(requests);
    QTRY_COMPARE(served.size(), Count);
    QTRY_COMPARE(caller->received.count("HTTP/1.1 200 OK"), Count);
    qsizetype at = 0;
    for (int index = 0; index < Count; ++index) {
        at = caller->received.indexOf('<' + QByteArray::number(index) + '>', at);
        QVERIFY(at >= 0);
    }
}

void TestHttp1Connection::streamsChunkByChunk()
{
    // The first content is here while the next one is an hour away.
    caller->send(message("sim-gap-3600000", true));
    QTRY_VERIFY(caller->received.endsWith("\"text\":\"Hello\"}}\n\n\r\n"));
    QVERIFY(caller->received.contains("Transfer-Encoding: chunked\r\n"));
    QVERIFY(served.isEmpty());
}

void TestHttp1Connection::stampsWhenItSends()
{
    const auto now = [] { return qint64(std::chrono::steady_clock::now().time_since_epoch().count()); };
    const qint64 before = now();
    caller->send(message("sim-stamp+chunks-3+gap-1", true));
    QTRY_COMPARE(served.size(), 1);
    QTRY_VERIFY(caller->received.endsWith("0\r\n\r\n"));
    std::vector<qint64> stamps{before};
    static const QRegularExpression stamp(QStringLiteral("@(\\d{20})@"));
    auto match = stamp.globalMatch(QString::fromLatin1(caller->received));
    while (match.hasNext())
        stamps.push_back(match.next().captured(1).toLongLong());
    stamps.push_back(now());
    QCOMPARE(stamps.size(), std::size_t(5));
    QVERIFY(std::is_sorted(stamps.begin(), stamps.end()));
    QVERIFY(stamps[3] - stamps[1] >=
            1'000'000); // gaps count from when the first was due, which may be earlier
}

void TestHttp1Connection::noticesThatCallerLeft_data()
{
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<QByteArray>("seenFirst");
    QTest::addColumn<bool>("abruptly");
    QTest::addColumn<int>("status");
    const QByteArray first = "\"Hello\"";
    QTest::newRow("before the head") << QByteArray("sim-slow-first-byte-3600000") << QByteArray() << false
                                     << 0;
    QTest::newRow("mid-stream") << QByteArray("sim-gap-3600000") << first << false << 200;
    QTest::newRow("mid-stream by a reset") << QByteArray("sim-gap-3600000") << first << true << 200;
    QTest::newRow("while silent") << QByteArray("sim-silent") << QByteArray() << false << 0;
    QTest::newRow("while silent mid-stream") << QByteArray("sim-silent-mid-stream") << first << false << 200;
}

void TestHttp1Connection::noticesThatCallerLeft()
{
    QFETCH(QByteArray, model);
    QFETCH(QByteArray, seenFirst);
    QFETCH(bool, abruptly);
    caller->send(message(model, true));
    QTRY_COMPARE(arrived.size(), 1);
    QTRY_VERIFY(caller->received.contains(seenFirst));
    QVERIFY(served.isEmpty());
    if (abruptly)
        caller->socket.abort();
    else
        caller->socket.disconnectFromHost();
    QTRY_COMPARE(served.size(), 1);
    QVERIFY(served[0].cancelled);
    QVERIFY(!served[0].completed);
    QTEST(served[0].status, "status");
}

void TestHttp1Connection::breaksOff_data()
{
    QTest::addColumn<bool>("hasHead");
    QTest::addColumn<bool>("hasContent"); // the first of the events, or the beginning of the JSON
    QTest::newRow("sim-close-before") << false << false;
    QTest::newRow("sim-close-after-head") << true << false;
    QTest::newRow("sim-close-mid-stream") << true << true;
    QTest::newRow("sim-reset-before") << false << false;
    QTest::newRow("sim-reset-after-head") << true << false;
    QTest::newRow("sim-reset-mid-stream") << true << true;
    QTest::newRow("sim-truncated-length") << true << true;
    QTest::newRow("sim-rst-refused") << false << false;
    QTest::newRow("sim-goaway-refused") << false << false;
    QTest::newRow("sim-goaway-calm") << false << false;
    QTest::newRow("sim-goaway-mid") << true << true;
}

void TestHttp1Connection::breaksOff()
{
    QFETCH(bool, hasHead);
    QFETCH(bool, hasContent);
    const QByteArray model = QTest::currentDataTag();
    for (const bool stream : {true, false}) {
        cleanup();
        init();
        caller->send(message(model, stream));
        QTRY_VERIFY(caller->closed);
        QCOMPARE(caller->received.startsWith("HTTP/1.1 200 OK\r\n"), hasHead);
        QCOMPARE(caller->received.contains(stream ? "message_start" : "\"id\":\"msg_"), hasContent);
        QVERIFY(!caller->received.contains("0\r\n\r\n"));
        QCOMPARE(served.size(), 1);
        QVERIFY(!served[0].completed);
        QVERIFY(!served[0].cancelled);
        QCOMPARE(served[0].status, hasHead ? 200 : 0);
    }
}

void TestHttp1Connection::resetsOrCloses_data()
{
    QTest::addColumn<int>("problem"); // errno of the last read
    QTest::newRow("sim-reset-mid-stream") << ECONNRESET;
    QTest::newRow("sim-reset-before") << ECONNRESET;
    QTest::newRow("sim-close-mid-stream") << 0;
}

/// Without Qt's sockets, which tell a reset and a regular end by the same words.
void TestHttp1Connection::resetsOrCloses()
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(caller->socket.peerPort());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    QCOMPARE(::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    const QByteArray request = message(QTest::currentDataTag(), true);
    QCOMPARE(::send(descriptor, request.constData(), std::size_t(request.size()), 0), request.size());
    QTRY_COMPARE(served.size(), 1);
    std::array<char, 64 * 1024> rest;
    ssize_t size = 0;
    do {
        errno = 0;
        size = ::recv(descriptor, rest.data(), rest.size(), 0);
    } while (size > 0);
    const int problem = errno;
    ::close(descriptor);
    QTEST(problem, "problem");
}

void TestHttp1Connection::staysSilent_data()
{
    QTest::addColumn<QByteArray>("last"); // that comes
    QTest::newRow("sim-silent-after-head") << QByteArray("chunked\r\n\r\n");
    QTest::newRow("sim-silent-mid-stream") << QByteArray("\" from\"}}\n\n\r\n");
}

void TestHttp1Connection::staysSilent()
{
    QFETCH(QByteArray, last);
    caller->send(message(QTest::currentDataTag(), true));
    QTRY_VERIFY2(caller->received.endsWith(last), caller->received.constData());
    QVERIFY(served.isEmpty());
    QVERIFY(!caller->closed);
}

void TestHttp1Connection::writesFaultyHeads()
{
    caller->send(message("sim-garbage-status", false));
    QTRY_VERIFY(caller->received.startsWith("HTTP/1.1 banana split\r\n"));
    caller->received.clear();
    caller->send(message("sim-bad-header", false));
    QTRY_VERIFY(caller->received.contains("\nX-Injected: two\r\n\r\n"));
    caller->received.clear();
    caller->send(message("sim-redirect", true));
    QTRY_VERIFY(caller->received.contains("\r\nlocation: /redirected\r\n"));
    QVERIFY(caller->received.startsWith("HTTP/1.1 307 "));
}

void TestHttp1Connection::closesWhenAsked_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QByteArray>("end"); // of the reply
    const QByteArray body = R"({"model":"m","stream":true})";
    const QByteArray chunkedEnd = "\r\n0\r\n\r\n";
    QTest::newRow("Connection: close") << post("/v1/messages", body, "Connection: close\r\n") << chunkedEnd;
    QTest::newRow("graceful GOAWAY") << message("sim-goaway-graceful", true) << chunkedEnd;
    QTest::newRow("HTTP/1.0, stream until close")
        << post("/v1/messages", body).replace("HTTP/1.1", "HTTP/1.0") << QByteArray("\"message_stop\"}\n\n");
}

void TestHttp1Connection::closesWhenAsked()
{
    QFETCH(QByteArray, request);
    QFETCH(QByteArray, end);
    caller->send(request);
    QTRY_VERIFY(caller->closed);
    QVERIFY(caller->received.contains("Connection: close\r\n"));
    QVERIFY2(caller->received.endsWith(end), caller->received.constData());
    QCOMPARE(served.size(), 1);
    QVERIFY(served[0].completed);
}

void TestHttp1Connection::answersHeadWithoutBody()
{
    caller->send(
        "HEAD /api/hello HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    QTRY_COMPARE(caller->received.count("\r\nContent-Length: 19\r\n\r\n"), 2);
    QVERIFY(caller->received.endsWith("\r\n\r\n"));
    QVERIFY(!caller->received.contains('{'));
}

void TestHttp1Connection::asksForBody()
{
    const QByteArray request = post("/v1/messages", R"({"model":"m"})", "Expect: 100-continue\r\n");
    const qsizetype headSize = request.indexOf("\r\n\r\n") + 4;
    caller->send(request.left(headSize));
    QTRY_COMPARE(caller->received, "HTTP/1.1 100 Continue\r\n\r\n");
    caller->send(request.mid(headSize));
    QTRY_VERIFY(caller->received.contains("HTTP/1.1 200 OK"));
}

void TestHttp1Connection::refusesBadRequests_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const QByteArray host = "Host: localhost\r\n";
    QTest::newRow("not HTTP") << QByteArray("hello there\r\n\r\n") << 400;
    QTest::newRow("body over the limit") << "POST / HTTP/1.1\r\n" + host + "Content-Length: 67108865\r\n\r\n"
                                         << 413;
    QTest::newRow("target too long") << "GET /" + QByteArray(9000, 'x') + " HTTP/1.1\r\n" + host + "\r\n"
                                     << 414;
    QTest::newRow("head too large") << "GET / HTTP/1.1\r\n" + host +
                                           QByteArray("X: " + QByteArray(7000, 'x') + "\r\n").repeated(10) +
                                           "\r\n"
                                    << 431;
    QTest::newRow("unknown expectation") << "POST / HTTP/1.1\r\n" + host + "Expect: tea\r\n\r\n" << 417;
    QTest::newRow("CONNECT") << QByteArray("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n") << 405;
}

void TestHttp1Connection::refusesBadRequests()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    caller->send(request);
    QTRY_VERIFY(caller->closed);
    QVERIFY2(caller->received.startsWith("HTTP/1.1 " + QByteArray::number(status)),
             caller->received.constData());
    QVERIFY(arrived.isEmpty());
}

void TestHttp1Connection::sendsLargeBodies()
{
    constexpr qsizetype Size = 20'000'000;
    caller->send(message("sim-chunks-1000+bytes-20000000", true));
    QTRY_COMPARE(served.size(), 1);
    QTRY_VERIFY(caller->received.endsWith("0\r\n\r\n"));
    QVERIFY(caller->received.size() > Size);
    QCOMPARE(caller->received.count("content_block_delta\n"), qsizetype(1000));
    caller->received.clear();
    caller->send(message("sim-bytes-20000000", false));
    QTRY_COMPARE(served.size(), 2);
    QTRY_VERIFY(caller->received.endsWith("\"service_tier\":\"standard\"}}"));
    QVERIFY(caller->received.size() > Size);
}

QTEST_GUILESS_MAIN(TestHttp1Connection)
#include "tst_http1_connection.moc"
