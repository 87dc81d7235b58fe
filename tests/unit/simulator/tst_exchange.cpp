// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/exchange.h"

#include "support/manual_clock.h"
#include <functional>
#include <QTest>

using namespace weir;
using namespace weir::simulator;

namespace {

/// Writes down what it is told.
class FakeStage final : public Exchange::Stage
{
public:
    QByteArray log;
    bool full = false;
    Exchange *exchange = nullptr;
    bool leavesAtFlush = false;
    std::function<void(const QByteArray &)> afterWrite;

    void begin(const Script &) override { log += "begin "; }
    void write(const QByteArray &bytes) override
    {
        log += bytes + ' ';
        if (afterWrite)
            afterWrite(bytes);
    }
    void end(Ending ending) override
    {
        log += ending == Ending::Regular ? "end " : "break ";
        if (ending == Ending::Regular)
            exchange->finish();
    }
    void flush() override
    {
        log += "flush ";
        if (leavesAtFlush)
            exchange->cancel();
    }
    bool isFull() const override { return full; }
};

class FakeService final : public Service
{
public:
    Script script;
    QByteArray log;
    Outcome outcome;
    test::ManualClock clock;

    base::Instant now() const override { return clock.now(); }
    Script answer(const Request &) override { return script; }
    void reportArrival(const Request &request) override
    {
        log += "arrived:" + QByteArray::fromStdString(request.head.target) + ' ';
    }
    void reportEnd(const Request &, const Outcome &how) override
    {
        log += how.completed ? "completed " : how.cancelled ? "cancelled " : "broken ";
        outcome = how;
    }
};

constexpr int Hour = 3'600'000;

} // namespace

class TestExchange : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void playsAtOnce();
    void pausesBeforeHead();
    void pausesBetweenPieces();
    void keepsIntendedTimes();
    void setsStamps();
    void repeatsPieces();
    void givesOthersTheirTurn();
    void waitsForRoom();
    void leavesDuringFlush();
    void reportsEachEndOnce();
    void tellsNoStatusWithoutHead();

private:
    void start()
    {
        Request request;
        request.head.target = "/x";
        exchange->start(std::move(request));
    }
    std::unique_ptr<FakeStage> stage;
    std::unique_ptr<FakeService> service;
    std::unique_ptr<Exchange> exchange;
};

void TestExchange::init()
{
    exchange.reset();
    stage = std::make_unique<FakeStage>();
    service = std::make_unique<FakeService>();
    exchange = std::make_unique<Exchange>(*service, *stage);
    stage->exchange = exchange.get();
    service->script.pieces = {{"a"}, {"b"}};
}

void TestExchange::playsAtOnce()
{
    for (int round = 0; round < 2; ++round) { // the same object serves again
        stage->log.clear();
        service->log.clear();
        start();
        QCOMPARE(stage->log, "begin a b end ");
        QCOMPARE(service->log, "arrived:/x completed ");
        QCOMPARE(service->outcome.status, 200);
        QVERIFY(!exchange->isActive());
    }
}

void TestExchange::pausesBeforeHead()
{
    service->script.firstByteMs = 1;
    start();
    QCOMPARE(stage->log, "");
    QCOMPARE(service->log, "arrived:/x ");
    QTRY_COMPARE(stage->log, "begin a b end ");
}

void TestExchange::pausesBetweenPieces()
{
    service->script.pieces = {{"a"}, {"b", 1}, {"c", 1}, {"d", Hour}};
    start();
    QCOMPARE(stage->log, "begin a flush ");
    QTRY_COMPARE(stage->log, "begin a flush b flush c flush ");
    exchange->cancel();
    QCOMPARE(service->log, "arrived:/x cancelled ");
}

void TestExchange::keepsIntendedTimes()
{
    // b comes two hours late: c and d were due meanwhile and follow at once, each by itself; e is an hour
    // away.
    service->script.pieces = {{"a"}, {"b", 1}, {"c", Hour}, {"d", Hour}, {"e", Hour}};
    stage->afterWrite = [this](const QByteArray &bytes) {
        if (bytes == "b")
            service->clock.advance(std::chrono::hours(2) + std::chrono::milliseconds(1));
    };
    start();
    QTRY_COMPARE(stage->log, "begin a flush b flush c flush d flush ");
    QVERIFY(exchange->isActive());
}

void TestExchange::setsStamps()
{
    Piece stamped{"<@00000000000000000000@>"};
    stamped.stampAt = 2;
    service->script.pieces = {{"a"}, stamped, stamped, {"b"}};
    stage->afterWrite = [this](const QByteArray &) { service->clock.advance(base::Duration(7)); };
    start();
    // The clock stood at 1,000 s, and each piece goes by itself.
    QCOMPARE(stage->log, "begin a <@00000001000000000007@> flush <@00000001000000000014@> flush b end ");
}

void TestExchange::repeatsPieces()
{
    Piece thrice{"x"};
    thrice.times = 3;
    service->script.pieces = {{"a"}, thrice, {"b"}};
    for (int round = 0; round < 2; ++round) {
        stage->log.clear();
        start();
        QCOMPARE(stage->log, "begin a x x x b end ");
    }
}

void TestExchange::givesOthersTheirTurn()
{
    constexpr int PerTurn = 16;
    Piece endless{QByteArray(Exchange::TurnBytesMax / PerTurn, 'x')};
    endless.times = Forever;
    service->script.pieces = {endless};
    int written = 0;
    stage->afterWrite = [&](const QByteArray &) { ++written; };
    start();
    QCOMPARE(written, PerTurn);
    QTRY_VERIFY(written > 4 * PerTurn);
    exchange->cancel();
    const int before = written;
    QTest::qWait(1);
    QCOMPARE(written, before);
}

void TestExchange::waitsForRoom()
{
    stage->full = true;
    start();
    QCOMPARE(stage->log, "begin flush ");
    exchange->resume(); // still full
    QCOMPARE(stage->log, "begin flush flush ");
    stage->full = false;
    exchange->resume();
    QCOMPARE(stage->log, "begin flush flush a b end ");
    exchange->resume(); // idle: nothing happens
    QCOMPARE(service->log, "arrived:/x completed ");
}

void TestExchange::leavesDuringFlush()
{
    stage->full = true;
    stage->leavesAtFlush = true;
    start();
    QCOMPARE(stage->log, "begin flush ");
    QCOMPARE(service->log, "arrived:/x cancelled ");
    exchange->resume();
    QCOMPARE(stage->log, "begin flush ");
}

void TestExchange::reportsEachEndOnce()
{
    service->script.ending = Ending::Silence;
    start();
    QCOMPARE(stage->log, "begin a b break ");
    QVERIFY(exchange->isActive());
    exchange->abandon();
    exchange->cancel();
    exchange->finish();
    QCOMPARE(service->log, "arrived:/x broken ");
}

void TestExchange::tellsNoStatusWithoutHead()
{
    service->script.headFault = HeadFault::Missing;
    service->script.pieces.clear();
    service->script.ending = Ending::Close;
    start();
    QCOMPARE(stage->log, "break ");
    exchange->abandon();
    QCOMPARE(service->outcome.status, 0);
}

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
