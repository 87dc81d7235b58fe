// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/byte_peer.h"
#include "upstream/connector.h"
#include "upstream/direct_lane.h"
#include <QSignalSpy>
#include <QTest>

using namespace weir;
using base::Errc;
using test::BytePeer;
using upstream::Connector;
using upstream::Origin;

namespace {

/// Nobody answers there, not even with a refusal: its queue of waiting connections is full.
struct BlackHole
{
    explicit BlackHole(const QHostAddress &address, quint16 port)
    {
        server.setListenBacklogSize(1);
        isMade = server.listen(address, port);
        if (isMade)
            server.pauseAccepting();
        // Linux takes a few more than it is told to.
        for (QTcpSocket &socket : fillers)
            socket.connectToHost(address, port);
        QTest::qWait(50);
    }

    QTcpServer server;
    std::array<QTcpSocket, 8> fillers;
    bool isMade = false;
};

struct Rig
{
    explicit Rig(Origin origin, base::Duration deadline = std::chrono::seconds(5))
        : connector(origin, origin.tls ? std::make_shared<upstream::TlsMemory>(origin) : nullptr, deadline,
                    clock, nullptr)
        , ready(&connector, &Connector::ready)
        , failed(&connector, &Connector::failed)
    {
    }

    base::Error error() const { return failed.first().first().value<base::Error>(); }
    bool isOver() const { return ready.count() + failed.count() > 0; }

    base::SystemClock clock;
    Connector connector;
    QSignalSpy ready;
    QSignalSpy failed;
};

Origin plain(quint16 port, const char *host = "127.0.0.1")
{
    return {false, host, port, {}};
}

} // namespace

class TestConnector : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void familiesTakeTurns_data();
    void familiesTakeTurns();
    void aNameIsLookedUp();
    void aRefusalIsTold();
    void anUnknownNameIsTold();
    void theNextAddressIsTriedAfterARefusal();
    void theNextAddressIsTriedAfterAWhile();
    void silenceEndsAtTheDeadline_data();
    void silenceEndsAtTheDeadline();
    void aPeerWithoutTlsIsTold_data();
    void aPeerWithoutTlsIsTold();
    void aLaneTellsOfItsFailureOnce();
    void aLaneThatRetiresGivesUp();
};

void TestConnector::familiesTakeTurns_data()
{
    QTest::addColumn<QStringList>("told");
    QTest::addColumn<QStringList>("tried");
    const auto list = [](const char *text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
    QTest::newRow("one") << list("1.1.1.1") << list("1.1.1.1");
    QTest::newRow("IPv6 first") << list("::1 ::2 1.1.1.1 1.1.1.2") << list("::1 1.1.1.1 ::2 1.1.1.2");
    QTest::newRow("IPv4 first") << list("1.1.1.1 1.1.1.2 1.1.1.3 ::1") << list("1.1.1.1 ::1 1.1.1.2 1.1.1.3");
    QTest::newRow("eight at most") << list("::1 ::2 ::3 ::4 ::5 ::6 ::7 ::8 ::9 1.1.1.1")
                                   << list("::1 1.1.1.1 ::2 ::3 ::4 ::5 ::6 ::7");
}

void TestConnector::familiesTakeTurns()
{
    QFETCH(QStringList, told);
    QFETCH(QStringList, tried);
    QList<QHostAddress> addresses;
    for (const QString &text : told)
        addresses.append(QHostAddress(text));
    QStringList order;
    for (const QHostAddress &address : Connector::interleaved(addresses))
        order.append(address.toString());
    QCOMPARE(order, tried);
}

void TestConnector::aNameIsLookedUp()
{
    BytePeer peer;
    Rig rig(plain(peer.port(), "localhost"));
    rig.connector.start();
    QVERIFY(QTest::qWaitFor([&] { return rig.ready.count() == 1; }));
    const auto &times = rig.connector.times();
    QVERIFY(times.began <= times.connected && times.connected <= times.ready);
    auto *socket = rig.ready.first().first().value<QTcpSocket *>();
    QCOMPARE(socket->socketOption(QAbstractSocket::LowDelayOption).toInt(), 1);
}

void TestConnector::aRefusalIsTold()
{
    quint16 port = 0;
    {
        const BytePeer gone;
        port = gone.port();
    }
    Rig rig(plain(port));
    rig.connector.start();
    QVERIFY(QTest::qWaitFor([&] { return rig.isOver(); }));
    QCOMPARE(rig.error().code, Errc::UpstreamRefused);
    QCOMPARE(rig.error().detail, "http://127.0.0.1:" + std::to_string(port));
}

void TestConnector::anUnknownNameIsTold()
{
    Rig rig(plain(1, "no-such-host.invalid")); // RFC 6761 §6.4: never exists
    rig.connector.start();
    QVERIFY(QTest::qWaitFor([&] { return rig.isOver(); }, 10'000));
    QCOMPARE(rig.error().code, Errc::UpstreamNotFound);
}

void TestConnector::theNextAddressIsTriedAfterARefusal()
{
    BytePeer peer;
    Rig rig(plain(peer.port(), "name"));
    rig.connector.startWith(
        {QHostAddress(QStringLiteral("127.0.0.9")), QHostAddress(QHostAddress::LocalHost)});
    QVERIFY(QTest::qWaitFor([&] { return rig.isOver(); }));
    QCOMPARE(rig.ready.count(), 1);
    QVERIFY(rig.connector.times().ready - rig.connector.times().began < Connector::AttemptDelay);
}

void TestConnector::theNextAddressIsTriedAfterAWhile()
{
    BytePeer peer;
    const QHostAddress silent(QStringLiteral("127.0.0.8"));
    BlackHole hole(silent, peer.port());
    QVERIFY(hole.isMade);
    Rig rig(plain(peer.port(), "name"));
    rig.connector.startWith({silent, QHostAddress(QHostAddress::LocalHost)});
    QVERIFY(QTest::qWaitFor([&] { return rig.isOver(); }));
    QCOMPARE(rig.ready.count(), 1);
    auto *socket = rig.ready.first().first().value<QTcpSocket *>();
    QCOMPARE(socket->peerAddress(), QHostAddress(QHostAddress::LocalHost));
    QVERIFY(rig.connector.times().ready - rig.connector.times().began >= Connector::AttemptDelay);
}

void TestConnector::silenceEndsAtTheDeadline_data()
{
    QTest::addColumn<bool>("inTls");
    QTest::newRow("of TCP") << false;
    QTest::newRow("of TLS") << true;
}

void TestConnector::silenceEndsAtTheDeadline()
{
    QFETCH(bool, inTls);
    BytePeer peer; // takes the connection, says nothing
    const QHostAddress silent(QStringLiteral("127.0.0.8"));
    BlackHole hole(silent, peer.port());
    Rig rig(Origin{inTls, inTls ? "127.0.0.1" : "127.0.0.8", peer.port(), {}}, std::chrono::milliseconds(60));
    rig.connector.start();
    QVERIFY(QTest::qWaitFor([&] { return rig.isOver(); }));
    QCOMPARE(rig.error().code, Errc::ConnectTimeout);
    QTest::qWait(20);
    QCOMPARE(peer.closed, inTls);
    QCOMPARE(rig.ready.count(), 0);
}

void TestConnector::aPeerWithoutTlsIsTold_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("plain HTTP") << QByteArray("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    QTest::newRow("closes") << QByteArray();
    QTest::newRow("an alert") << QByteArray("\x15\x03\x01\x00\x02\x02\x28", 7);
}

void TestConnector::aPeerWithoutTlsIsTold()
{
    QFETCH(QByteArray, bytes);
    BytePeer peer;
    peer.onBytes = [&] {
        peer.send(bytes);
        peer.close();
    };
    Rig rig(Origin{true, "127.0.0.1", peer.port(), {}});
    rig.connector.start();
    QVERIFY(QTest::qWaitFor([&] { return rig.isOver(); }));
    QCOMPARE(rig.error().code, Errc::UpstreamTls);
    QVERIFY(rig.error().detail.find('(') != std::string::npos); // why
    QVERIFY(!peer.received.contains("HTTP"));
}

void TestConnector::aLaneTellsOfItsFailureOnce()
{
    quint16 port = 0;
    {
        const BytePeer gone;
        port = gone.port();
    }
    const base::SystemClock clock;
    const auto lane = upstream::directLanes({}, clock)(plain(port));
    QSignalSpy died(lane.get(), &upstream::Lane::died);
    lane->open();
    QCOMPARE(died.count(), 0); // never from within open()
    QCOMPARE(lane->state(), upstream::LaneState::Connecting);
    QCOMPARE(lane->freeSlots(), 0);
    QVERIFY(QTest::qWaitFor([&] { return died.count() > 0; }));
    QTest::qWait(20);
    QCOMPARE(died.count(), 1);
    QCOMPARE(died.first().first().value<base::Error>().code, Errc::UpstreamRefused);
    QCOMPARE(lane->state(), upstream::LaneState::Dead);
    QVERIFY(!lane->figures().times);
}

void TestConnector::aLaneThatRetiresGivesUp()
{
    BytePeer peer;
    const base::SystemClock clock;
    const auto lane = upstream::directLanes({}, clock)(plain(peer.port()));
    QSignalSpy died(lane.get(), &upstream::Lane::died);
    lane->open();
    lane->retire();
    QCOMPARE(died.count(), 1);
    QTest::qWait(20);
    QCOMPARE(died.count(), 1);
    QCOMPARE(lane->state(), upstream::LaneState::Dead);
}

QTEST_GUILESS_MAIN(TestConnector)
#include "tst_connector.moc"
