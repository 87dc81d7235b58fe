// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/listener.h"
#include "support/open_files.h"
#include "support/turn_count.h"
#include "unit/server/listener_rig.h"
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>
#include <vector>

using namespace weir;
using namespace std::chrono_literals;
using server::Listener;
using test::BacklogClient;
using test::ListenerRig;
using test::OpenFilesLimit;
using test::RawClient;

namespace {

/// That descriptors have run out is said once, and only once.
void expectNotice()
{
    QTest::ignoreMessage(QtInfoMsg, QRegularExpression(QStringLiteral("^Weir has run out of open files")));
}

} // namespace

class TestListener : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theOneIdleForLongestMakesRoom();
    void silentFromTheStartIsIdle();
    void refusesUntilOneIsIdleForTheGrace();
    void whoIsBusyStays();
    void partOfAHeadCountsForTheGraceOnly();
    void unsentBytesKeepAConnection();
    void bytesNotYetReadKeepAConnection();
    void looksForIdleOnesNowAndThen();
    void refusalsTakeNobodysPlace();
    void beyondTheRefusalsConnectionsAreClosed();
    void saysThatOpenFilesAreTheBound();
    void doesNotSpinWithoutDescriptors();
    void goesOnWhenAClientLeaves();
    void idleOnesMakeRoomWithoutDescriptors();
    void aLoweredLimitShedsIdleOnes();
    void tellsWhenTheLastHasGone();
};

void TestListener::theOneIdleForLongestMakesRoom()
{
    ListenerRig rig(3);
    const auto first = rig.connect();
    const auto second = rig.connect();
    const auto third = rig.connect();
    QVERIFY(first && second && third);
    rig.clock.advance(1s);
    QCOMPARE(rig.statusOf(*third), 200);
    rig.clock.advance(1s);
    QCOMPARE(rig.statusOf(*first), 200);
    rig.clock.advance(1s);
    QCOMPARE(rig.statusOf(*second), 200);

    rig.clock.advance(rig.grace);
    const auto fourth = std::make_unique<RawClient>(rig.port);
    QCOMPARE(rig.statusOf(*fourth), 200);
    QVERIFY(third->waitForClose());
    const auto fifth = std::make_unique<RawClient>(rig.port);
    QCOMPARE(rig.statusOf(*fifth), 200);
    QVERIFY(first->waitForClose());
    QCOMPARE(rig.statusOf(*second), 200);
    QCOMPARE(rig.listener->connectionCount(), 3);
}

void TestListener::silentFromTheStartIsIdle()
{
    ListenerRig rig(1);
    const auto silent = rig.connect();
    QVERIFY(silent);
    rig.clock.advance(rig.grace);
    QCOMPARE(rig.statusOfNewClient(), 200);
    QVERIFY(silent->waitForClose());
    QVERIFY(silent->received().isEmpty());
}

void TestListener::refusesUntilOneIsIdleForTheGrace()
{
    ListenerRig rig(1);
    const auto idle = rig.connect();
    QVERIFY(idle);
    rig.clock.advance(rig.grace - Listener::LookAgainAfter);
    RawClient refused(rig.port);
    const QByteArray reply = refused.takeResponse(); // without a request
    QCOMPARE(reply.mid(9, 3), QByteArray("503"));
    QVERIFY(reply.contains("1 (listen.connections_max)"));
    QVERIFY(refused.waitForClose());
    QCOMPARE(rig.statusOf(*idle), 200);
}

void TestListener::whoIsBusyStays()
{
    ListenerRig rig(1);
    const auto busy = rig.connect();
    QVERIFY(busy);
    busy->send(rig.get("/hold"));
    QTRY_COMPARE(rig.handler.begun, 1);
    rig.clock.advance(10 * rig.grace);
    QCOMPARE(rig.statusOfNewClient(), 503);
    rig.handler.release("/hold");
    QVERIFY(busy->takeResponse().endsWith("ok"));
    // Idle only from now on.
    rig.clock.advance(rig.grace - 1s);
    QCOMPARE(rig.statusOfNewClient(), 503);
    rig.clock.advance(1s);
    QCOMPARE(rig.statusOfNewClient(), 200);
}

void TestListener::partOfAHeadCountsForTheGraceOnly()
{
    ListenerRig rig(1);
    const auto slow = rig.connect();
    QVERIFY(slow);
    rig.clock.advance(rig.grace - 1s);
    slow->send("GET / HT");
    QCOMPARE(rig.statusOfNewClient(), 503);
    rig.clock.advance(rig.grace - 1s);
    QCOMPARE(rig.statusOfNewClient(), 503);
    rig.clock.advance(1s);
    QCOMPARE(rig.statusOfNewClient(), 200);
    QVERIFY(slow->waitForClose());
}

void TestListener::unsentBytesKeepAConnection()
{
    ListenerRig rig(1);
    BacklogClient client(rig.port);
    QVERIFY(client.send(rig.get("/large")));
    QTRY_COMPARE(rig.handler.begun, 1); // answered, but the client does not read
    rig.clock.advance(2 * rig.grace);
    QCOMPARE(rig.statusOfNewClient(), 503);
}

void TestListener::bytesNotYetReadKeepAConnection()
{
    ListenerRig rig(1);
    BacklogClient idle(rig.port);
    QTRY_COMPARE(rig.listener->connectionCount(), 1);
    rig.clock.advance(2 * rig.grace);
    // Both before the event loop turns, so that the new client may be the first it hears of.
    QVERIFY(idle.send(rig.get("/")));
    const BacklogClient late(rig.port);
    QTRY_COMPARE(idle.peek(12), QByteArray("HTTP/1.1 200"));
    QTRY_COMPARE(late.peek(12), QByteArray("HTTP/1.1 503"));
}

void TestListener::looksForIdleOnesNowAndThen()
{
    ListenerRig rig(1);
    const auto idle = rig.connect();
    QVERIFY(idle);
    const base::Duration early = Listener::LookAgainAfter / 2;
    rig.clock.advance(rig.grace - early);
    QCOMPARE(rig.statusOfNewClient(), 503); // looked, in vain
    rig.clock.advance(early);
    QCOMPARE(rig.statusOfNewClient(), 503); // not looked again so soon
    rig.clock.advance(Listener::LookAgainAfter - early);
    QCOMPARE(rig.statusOfNewClient(), 200);
}

void TestListener::refusalsTakeNobodysPlace()
{
    ListenerRig rig(1);
    const auto served = rig.connect();
    QVERIFY(served);
    const BacklogClient refused(rig.port); // does not read, nor leave
    QTRY_COMPARE(refused.peek(12), QByteArray("HTTP/1.1 503"));
    served->close();
    QTRY_COMPARE(rig.listener->connectionCount(), 0);
    QVERIFY(!rig.listener->isEmpty());
    QCOMPARE(rig.statusOfNewClient(), 200);
}

void TestListener::beyondTheRefusalsConnectionsAreClosed()
{
    ListenerRig rig(1);
    const auto served = rig.connect();
    QVERIFY(served);
    std::vector<std::unique_ptr<BacklogClient>> refused;
    for (int at = 0; at < server::RefusalsMax; ++at)
        refused.push_back(std::make_unique<BacklogClient>(rig.port));
    for (const auto &client : refused)
        QTRY_COMPARE(client->peek(12), QByteArray("HTTP/1.1 503"));
    RawClient beyond(rig.port);
    QVERIFY(beyond.waitForClose());
    QVERIFY(beyond.received().isEmpty());
    QCOMPARE(rig.statusOf(*served), 200);
}

void TestListener::saysThatOpenFilesAreTheBound()
{
    ListenerRig rig(1000, 1000); // more than there will be, so clients get a quarter
    const int most = OpenFilesLimit::lowestFree() + 60;
    const OpenFilesLimit limit(most);
    const int room = server::capacityFor(rig.options, most).served;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int at = 0; at < room; ++at) {
        clients.push_back(rig.connect());
        QVERIFY(clients.back());
    }
    RawClient refused(rig.port);
    const QByteArray reply = refused.takeResponse();
    QCOMPARE(reply.mid(9, 3), QByteArray("503"));
    QVERIFY2(reply.contains(QByteArray::number(most) + " files open (ulimit -n)"), reply.constData());
    QCOMPARE(rig.statusOf(*clients.front()), 200);
}

void TestListener::doesNotSpinWithoutDescriptors()
{
    ListenerRig rig(10);
    const auto served = rig.connect();
    QVERIFY(served);
    const BacklogClient waiting(rig.port);
    expectNotice();
    {
        const OpenFilesLimit none(OpenFilesLimit::lowestFree());
        QVERIFY(test::turnsWithin(4 * server::DeadlineSweepMs) < 200);
        QCOMPARE(rig.listener->connectionCount(), 1);
        QCOMPARE(rig.statusOf(*served), 200);
    }
    QTRY_COMPARE(rig.listener->connectionCount(), 2);
}

void TestListener::goesOnWhenAClientLeaves()
{
    ListenerRig rig(10);
    auto served = rig.connect();
    QVERIFY(served);
    BacklogClient waiting(rig.port);
    QVERIFY(waiting.send(rig.get("/")));
    expectNotice();
    const OpenFilesLimit none(OpenFilesLimit::lowestFree());
    QVERIFY(test::turnsWithin(50) < 200);
    QCOMPARE(rig.handler.begun, 0);
    served.reset();
    QTRY_COMPARE(rig.handler.begun, 1);
}

void TestListener::idleOnesMakeRoomWithoutDescriptors()
{
    ListenerRig rig(10);
    const auto idle = rig.connect();
    QVERIFY(idle);
    BacklogClient waiting(rig.port);
    QVERIFY(waiting.send(rig.get("/")));
    const OpenFilesLimit none(OpenFilesLimit::lowestFree());
    rig.clock.advance(rig.grace);
    QTRY_COMPARE(rig.handler.begun, 1);
    QVERIFY(idle->waitForClose());
}

void TestListener::aLoweredLimitShedsIdleOnes()
{
    constexpr int Count = 12;
    ListenerRig rig(Count, 1000); // reserved: more than there will be, so clients get a quarter
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int at = 0; at < Count; ++at) {
        clients.push_back(rig.connect());
        QVERIFY(clients.back());
    }
    clients.front()->send(rig.get("/hold"));
    QTRY_COMPARE(rig.handler.begun, 1);
    const int most = OpenFilesLimit::lowestFree(); // fewer than are open would be too few for poll(2)
    const OpenFilesLimit limit(most);
    const int room = server::capacityFor(rig.options, most).served;
    QVERIFY(room < Count);
    QVERIFY(test::turnsWithin(2 * server::DeadlineSweepMs) < 200);
    QCOMPARE(rig.listener->connectionCount(), Count);
    rig.clock.advance(rig.grace);
    QTRY_COMPARE(rig.listener->connectionCount(), room);
    rig.handler.release("/hold");
    QVERIFY(clients.front()->takeResponse().endsWith("ok"));
}

void TestListener::tellsWhenTheLastHasGone()
{
    ListenerRig rig(10);
    const QSignalSpy emptied(rig.listener.get(), &Listener::emptied);
    const auto idle = rig.connect();
    const auto busy = rig.connect();
    QVERIFY(idle && busy);
    busy->send(rig.get("/hold"));
    QTRY_COMPARE(rig.handler.begun, 1);
    rig.listener->stopAccepting();
    QVERIFY(idle->waitForClose());
    QTRY_COMPARE(rig.listener->connectionCount(), 1);
    QCOMPARE(emptied.count(), 0);
    rig.handler.release("/hold");
    QVERIFY(busy->takeResponse().endsWith("ok"));
    QVERIFY(busy->waitForClose());
    QTRY_COMPARE(emptied.count(), 1);
    QVERIFY(rig.listener->isEmpty());
}

QTEST_GUILESS_MAIN(TestListener)
#include "tst_listener.moc"
