// SPDX-License-Identifier: GPL-3.0-or-later
// How long one client may take for what it sends and reads.
#include "connection_rig.h"

using namespace weir;
using namespace weir::server;
using namespace std::chrono_literals;
using base::Errc;

class TestConnectionDeadlines : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endsASlowHead();
    void endsASilentBody();
    void endsASlowBody_data();
    void endsASlowBody();
    void stopsTheClockWhilePaused();
    void closesWhenIdle();
    void isNotIdleWhileItsRepliesWait();
    void cutsWhoReadsNothing();
    void countsOnlyWhatTheClientTakes();
};

void TestConnectionDeadlines::endsASlowHead()
{
    Rig rig;
    rig.send("GET / HTTP/1.1\r\nHo");
    Rig::settle();
    rig.wait(rig.options.head);
    rig.send("st: localhost\r\n"); // the head has one deadline, not one for each part of it
    Rig::settle();
    rig.wait(1s);
    QVERIFY(rig.readToTheEnd());
    QVERIFY2(rig.received.contains("timeouts.head_ms"), rig.received.constData());
    QVERIFY(rig.handler.exchanges.empty());
}

void TestConnectionDeadlines::endsASilentBody()
{
    Rig rig;
    rig.send(post(100) + "{");
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    rig.wait(rig.options.bodyIdle);
    QVERIFY(!rig.handler.last().failure);
    rig.wait(1s);
    QCOMPARE(rig.handler.last().failure->code, Errc::RequestTimeout);
    QVERIFY(rig.readToTheEnd());
    QVERIFY2(rig.received.contains("timeouts.body_idle_ms"), rig.received.constData());
}

void TestConnectionDeadlines::endsASlowBody_data()
{
    QTest::addColumn<int>("bytesEachTenSeconds");
    QTest::addColumn<bool>("ends");
    QTest::newRow("a byte now and then") << 1 << true;
    QTest::newRow("just too slow") << 81'000 << true;
    QTest::newRow("slow, but no slower than it may be") << 82'000 << false;
}

void TestConnectionDeadlines::endsASlowBody()
{
    QFETCH(int, bytesEachTenSeconds);
    QFETCH(bool, ends);
    Rig rig;
    rig.send(post(50'000'000));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    FakeExchange &exchange = rig.handler.last();
    const auto sendPart = [&] {
        const qsizetype wanted = exchange.received.size() + bytesEachTenSeconds;
        rig.send(QByteArray(bytesEachTenSeconds, 'x'));
        return Rig::spin([&] { return exchange.received.size() == wanted; });
    };
    for (base::Duration passed{}; passed < rig.options.body; passed += 10s) {
        QVERIFY(sendPart());
        rig.wait(10s);
        QVERIFY(!exchange.failure);
    }
    for (int more = 0; more < 12 && !exchange.isOver; ++more) {
        QVERIFY(sendPart());
        rig.wait(10s);
    }
    QCOMPARE(exchange.failure.has_value(), ends);
    if (!ends)
        return;
    QCOMPARE(exchange.failure->code, Errc::RequestTimeout);
    QVERIFY(rig.readToTheEnd());
    QVERIFY2(rig.received.contains("timeouts.body_ms") && rig.received.contains("timeouts.body_rate"),
             rig.received.constData());
}

void TestConnectionDeadlines::stopsTheClockWhilePaused()
{
    Rig rig;
    rig.send(post(100) + "{");
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    FakeExchange &exchange = rig.handler.last();
    exchange.reply.pauseBody();
    rig.wait(10 * rig.options.body);
    exchange.reply.resumeBody();
    // All but its last seconds may pass, a byte at a time.
    for (base::Duration passed{}; passed < rig.options.body; passed += 10s) {
        rig.wait(10s);
        QVERIFY(!exchange.failure);
        rig.send("x");
        Rig::settle();
    }
    rig.wait(1s);
    QVERIFY(exchange.failure.has_value());
}

void TestConnectionDeadlines::closesWhenIdle()
{
    Rig rig;
    rig.handler.onBegin = echo();
    rig.wait(rig.options.keepalive - 1s);
    rig.send(get(1));
    QVERIFY(rig.readUntil("/1;"));
    rig.wait(rig.options.keepalive);
    Rig::settle();
    QVERIFY(!rig.isClosed);
    rig.wait(1s);
    QVERIFY(rig.readToTheEnd());
    QVERIFY(rig.hasEnded);
    QVERIFY(Rig::spin([&] { return rig.isClosed; }));
}

void TestConnectionDeadlines::cutsWhoReadsNothing()
{
    Rig rig;
    rig.handler.onBegin = echo(10'000);
    rig.send(gets(200));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() > 0 && rig.handler.last().reply.isFull(); }));
    Rig::settle();
    rig.wait(rig.options.writeStall);
    QVERIFY(!rig.isClosed);
    for (int again = 0; again < 10 && !rig.isClosed;
         ++again) { // should the system still have taken some of it
        rig.wait(rig.options.writeStall + 1s);
        Rig::settle();
    }
    QVERIFY(rig.isClosed);
}

void TestConnectionDeadlines::isNotIdleWhileItsRepliesWait()
{
    Rig rig;
    rig.options.keepalive = 15s;
    rig.handler.onBegin = echo(10'000);
    rig.send(gets(100));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() > 0 && rig.handler.last().reply.isFull(); }));
    // It reads so slowly that no request is begun for longer than an idle connection may last.
    const std::size_t begun = rig.handler.exchanges.size();
    for (base::Duration passed{}; passed < 2 * rig.options.keepalive; passed += 10s) {
        const qsizetype wanted = rig.received.size() + 30'000;
        QVERIFY(Rig::spin([&] {
            rig.read(wanted - rig.received.size());
            return rig.received.size() == wanted;
        }));
        rig.wait(10s);
    }
    QCOMPARE(rig.handler.exchanges.size(), begun);
    QVERIFY(rig.readUntil("/99."));
}

void TestConnectionDeadlines::countsOnlyWhatTheClientTakes()
{
    Rig rig;
    rig.send(get(0));
    QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == 1; }));
    FakeExchange &stream = rig.handler.last();
    stream.stream();
    while (rig.socket->bytesToWrite() < LowWatermark) {
        stream.reply.sendChunk(QByteArray(32'768, 'a'));
        Rig::settle(); // into the system's buffers, as long as they take it
    }
    QVERIFY(!stream.reply.isFull());
    stream.isOver = true;
    stream.reply.end();
    // That more is written for it is no sign that it reads.
    rig.handler.onBegin = echo();
    for (std::size_t number = 1; number < 50 && !rig.isClosed; ++number) {
        rig.send(get(int(number)));
        QVERIFY(Rig::spin([&] { return rig.handler.exchanges.size() == number + 1; }));
        rig.wait(rig.options.writeStall / 2 + 1s);
        Rig::settle();
    }
    QVERIFY(rig.isClosed);
}

QTEST_GUILESS_MAIN(TestConnectionDeadlines)
#include "tst_connection_deadlines.moc"
