// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/exchange.h"

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

    void begin(const Script &) override { log += "begin "; }
    void write(const QByteArray &bytes) override { log += bytes + ' '; }
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

    base::Instant now() const override { return {}; }
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
    service->script.pieces = {{"a", 0}, {"b", 0}};
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
    service->script.pieces = {{"a", 0}, {"b", 1}, {"c", 1}, {"d", Hour}};
    start();
    QCOMPARE(stage->log, "begin a flush ");
    QTRY_COMPARE(stage->log, "begin a flush b flush c flush ");
    exchange->cancel();
    QCOMPARE(service->log, "arrived:/x cancelled ");
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
