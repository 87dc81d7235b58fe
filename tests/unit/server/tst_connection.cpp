// SPDX-License-Identifier: GPL-3.0-or-later
// One client's connection over a real socket: what it may make Weir hold, and how it ends.
#include "connection_rig.h"
#include "http/limits.h"

using namespace weir;
using namespace weir::server;
using namespace std::chrono_literals;
using base::Errc;

namespace {

const QByteArray ChunkedPost = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

/// The targets that replies of echo() tell, in their order.
std::vector<int> answered(const QByteArray &bytes)
{
    std::vector<int> numbers;
    for (qsizetype at = 0; (at = bytes.indexOf("\r\n\r\n/", at)) >= 0; ++at) {
        const qsizetype begin = at + 5;
        qsizetype end = begin;
        while (end < bytes.size() && bytes[end] >= '0' && bytes[end] <= '9')
            ++end;
        numbers.push_back(bytes.mid(begin, end - begin).toInt());
    }
    return numbers;
}

std::vector<int> upTo(int count)
{
    std::vector<int> numbers;
    for (int number = 0; number < count; ++number)
        numbers.push_back(number);
    return numbers;
}

} // namespace

class TestConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // pipelining
    void answersInOrder();
    void givesOthersTheirTurn();
    void readsNoRequestWhileRepliesWait();
    // back-pressure
    void pausesTheBody();
    void leavesLittleToTheSystem();
    void tellsWhenTheClientReads();
    void joinsThePiecesOfARead();
    // ends
    void answersHeadWithoutABody_data();
    void answersHeadWithoutABody();
    void closesAfterSomeReplies_data();
    void closesAfterSomeReplies();
    void lingersForAWhile();
    void writesNothingBehindACut();
    void abandonsWhenTheClientLeaves();
};

// ── pipelining

void TestConnection::answersInOrder()
{
    constexpr int Count = 300;
    Rig rig;
    rig.handler.onBegin = echo();
    rig.send(gets(Count));
    QVERIFY(rig.readUntil("/299;"));
    QCOMPARE(answered(rig.received), upTo(Count));
}

void TestConnection::givesOthersTheirTurn()
{
    constexpr std::size_t Count = 200;
    Rig rig;
    rig.handler.onBegin = echo();
    rig.send(gets(Count));
    // A turn of the loop is one round of posted events and one look at the sockets.
    while (rig.handler.exchanges.size() < Count) {
        const std::size_t before = rig.handler.exchanges.size();
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QVERIFY(rig.handler.exchanges.size() - before <= 2 * ExchangesPerTurn);
    }
    QVERIFY(rig.readUntil("/199;"));
}

void TestConnection::readsNoRequestWhileRepliesWait()
{
    constexpr int Count = 100;
    constexpr qsizetype Padding = 10'000;
    Rig rig;
    rig.handler.onBegin = echo(Padding);
    rig.send(gets(Count));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() > 0 && rig.handler.last().reply.isFull(); }));
    const std::size_t begun = rig.handler.exchanges.size();
    QVERIFY(begun < Count);
    QVERIFY(rig.socket->bytesToWrite() < HighWatermark + 2 * Padding);
    Rig::settle();
    QCOMPARE(rig.handler.exchanges.size(), begun);
    QVERIFY(rig.readUntil("/99."));
    QCOMPARE(answered(rig.received), upTo(Count));
}

// ── back-pressure

void TestConnection::pausesTheBody()
{
    const QByteArray body = QByteArray("0123456789").repeated(100'000);
    Rig rig;
    rig.handler.onBegin = [](FakeExchange &exchange) { exchange.reply.pauseBody(); };
    rig.send(post(body.size()));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    FakeExchange &exchange = rig.handler.last();
    rig.send(body.left(body.size() / 2)); // into the system's buffers
    Rig::settle();
    QCOMPARE(exchange.pieces, 0);
    QVERIFY(rig.socket->bytesAvailable() <= ReadAheadMax);
    exchange.reply.resumeBody();
    rig.send(body.mid(body.size() / 2));
    QVERIFY(Rig::spin([&] { return exchange.isWhole; }));
    QVERIFY(exchange.received == body);
}

void TestConnection::leavesLittleToTheSystem()
{
    constexpr qsizetype Chunk = 32'768;
    Rig rig(0);
    rig.send(get(0));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    FakeExchange &stream = rig.handler.last();
    stream.stream();
    qsizetype written = 0;
    for (; !stream.reply.isFull(); written += Chunk) {
        stream.reply.sendChunk(QByteArray(Chunk, 'a'));
        Rig::settle();
    }
    // It takes a write that begins below the bound, and what the client has room for.
    const qint64 taken = written - rig.socket->bytesToWrite();
    QVERIFY2(taken <= UnsentMax + 4 * Chunk, qPrintable(QString::number(taken)));
}

void TestConnection::tellsWhenTheClientReads()
{
    Rig rig;
    rig.send(get(0));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    FakeExchange &stream = rig.handler.last();
    stream.stream();
    while (!stream.reply.isFull())
        stream.reply.sendChunk(QByteArray(32'768, 'a'));
    Rig::settle();
    QCOMPARE(stream.drains, 0);
    QVERIFY(rig.readUntil([&] { return stream.drains > 0; }));
    QVERIFY(!stream.reply.isFull());
    QVERIFY(rig.socket->bytesToWrite() <= LowWatermark);
    Rig::settle();
    QCOMPARE(stream.drains, 1);
}

void TestConnection::joinsThePiecesOfARead()
{
    constexpr int Count = 2000;
    Rig rig;
    rig.send(ChunkedPost);
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    FakeExchange &exchange = rig.handler.last();
    rig.send(QByteArray("1\r\nx\r\n").repeated(Count) + "0\r\n\r\n");
    QVERIFY(Rig::spin([&] { return exchange.isWhole; }));
    QCOMPARE(exchange.received, QByteArray(Count, 'x'));
    QVERIFY2(exchange.pieces < Count / 10, qPrintable(QString::number(exchange.pieces)));
}

// ── ends

void TestConnection::answersHeadWithoutABody_data()
{
    QTest::addColumn<QByteArray>("rest"); // behind the method
    QTest::addColumn<bool>("times");
    const auto row = [](const char *name, const QByteArray &rest, bool times = false) {
        QTest::newRow(name) << rest << times;
    };
    const QByteArray host = "Host: localhost\r\n";
    row("a control byte", "/ HTTP/1.1\r\n" + host + "X: \x01\r\n\r\n");
    row("no Host", "/ HTTP/1.1\r\n\r\n");
    row("an invalid field", "/ HTTP/1.1\r\n" + host + "bad field: x\r\n\r\n");
    row("a long head", "/ HTTP/1.1\r\n" + host + "X: " + QByteArray(http::HeadMax, 'a') + "\r\n\r\n");
    row("a long target", "/" + QByteArray(http::RequestLineMax, 'a') + " HTTP/1.1\r\n" + host + "\r\n");
    row("an unknown version", "/ HTTP/3.0\r\n" + host + "\r\n");
    row("too large a body", "/ HTTP/1.1\r\n" + host + "Content-Length: 99999999999\r\n\r\n");
    row("half a head", "/ HTTP/1.1\r\n" + host, true);
    row("half a target", "/", true);
}

void TestConnection::answersHeadWithoutABody()
{
    QFETCH(QByteArray, rest);
    QFETCH(bool, times);
    for (const QByteArray method : {"HEAD", "GET"}) {
        for (const bool isSplit : {false, true}) { // within the method
            Rig rig;
            rig.send((isSplit ? QByteArray() : "\r\n" + method.left(2)));
            Rig::settle();
            rig.send((isSplit ? "\r\n" + method : method.mid(2)) + " " + rest);
            Rig::settle();
            if (times)
                rig.wait(rig.options.head + 1s);
            QVERIFY(rig.readToTheEnd());
            QVERIFY(rig.hasEnded);
            QVERIFY2(rig.received.startsWith("HTTP/1.1 400 "), rig.received.constData());
            QVERIFY(!rig.received.contains("Content-Length: 0"));
            const QByteArray body = rig.received.mid(rig.received.indexOf("\r\n\r\n") + 4);
            QVERIFY2(body.isEmpty() == (method == "HEAD"), rig.received.constData());
        }
    }
}

void TestConnection::closesAfterSomeReplies_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("closes");
    QTest::newRow("a client that is not meant to be here") << 403 << true;
    QTest::newRow("a provider's refusal") << 403 << false;
    QTest::newRow("a wrong key") << 401 << false;
}

void TestConnection::closesAfterSomeReplies()
{
    QFETCH(int, status);
    QFETCH(bool, closes);
    Rig rig;
    rig.handler.onBegin = [&](FakeExchange &exchange) { exchange.answer("no", status, closes); };
    rig.send(gets(2));
    if (!closes) {
        QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 2; }));
        QVERIFY(!rig.isClosed);
        return;
    }
    QVERIFY(rig.readToTheEnd());
    QVERIFY(rig.hasEnded);
    QVERIFY(rig.received.contains("Connection: close\r\n") && rig.received.endsWith("\r\n\r\nno"));
    QCOMPARE(rig.handler.exchanges.size(), std::size_t(1));
}

void TestConnection::lingersForAWhile()
{
    Rig rig;
    rig.handler.onBegin = [](FakeExchange &exchange) { exchange.answer("too large", 413); };
    rig.send(post(10'000'000));
    // It goes on sending, and still gets the whole reply.
    rig.send(QByteArray(5'000'000, 'x'));
    QVERIFY(rig.readToTheEnd());
    QVERIFY(rig.hasEnded && !rig.wasReset);
    QVERIFY(rig.received.endsWith("too large"));
    rig.wait(LingerMax);
    Rig::settle();
    QVERIFY(!rig.isClosed);
    rig.wait(1s);
    QVERIFY(Rig::spin([&] { return rig.isClosed; }));
}

void TestConnection::writesNothingBehindACut()
{
    Rig rig;
    rig.send(post(1000) + "{");
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    FakeExchange &exchange = rig.handler.last();
    exchange.stream();
    // More than the client has room for, so that what is written behind it would still come.
    while (!exchange.reply.isFull())
        exchange.reply.sendChunk(QByteArray(32'768, 'a'));
    exchange.isOver = true;
    exchange.reply.cut();
    rig.wait(rig.options.bodyIdle + 1s);
    QVERIFY(rig.readToTheEnd());
    QVERIFY(rig.hasEnded);
    QVERIFY(rig.received.endsWith("aaaa\r\n"));
    QVERIFY(!rig.received.contains("408"));
}

void TestConnection::abandonsWhenTheClientLeaves()
{
    Rig rig;
    rig.send(get(0));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    rig.leave();
    QVERIFY(Rig::spin([&] { return rig.isClosed; }));
    QCOMPARE(rig.handler.last().failure->code, Errc::ClientGone);
}

QTEST_GUILESS_MAIN(TestConnection)
#include "tst_connection.moc"
