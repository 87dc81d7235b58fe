// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/acceptor.h"
#include "support/open_files.h"
#include "support/turn_count.h"
#include <QSignalSpy>
#include <QTest>
#include <vector>

using namespace weir;
using server::Acceptor;
using test::BacklogClient;
using test::OpenFilesLimit;

namespace {

/// An acceptor that listens on a free port; what it accepts is closed at once.
struct Rig
{
    Rig()
    {
        QObject::connect(&acceptor, &Acceptor::accepted, &acceptor, [this](int descriptor) {
            ++accepted;
            ::close(descriptor);
        });
        QObject::connect(&acceptor, &Acceptor::exhausted, &acceptor, [this] { ++exhausted; });
        if (const auto listening = acceptor.listen(QHostAddress::LocalHost, 0))
            port = *listening;
    }

    Acceptor acceptor;
    int accepted = 0;
    int exhausted = 0;
    quint16 port = 0;
};

} // namespace

class TestAcceptor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhatKeepsItFromListening();
    void takesAFewInATurn();
    void leavesClientsAloneWhilePaused();
    void standsStillWithoutDescriptors();
};

void TestAcceptor::saysWhatKeepsItFromListening()
{
    Rig rig;
    QVERIFY(rig.port != 0);
    Acceptor second;
    const auto taken = second.listen(QHostAddress::LocalHost, rig.port);
    QVERIFY(!taken);
    QCOMPARE(taken.error().code, base::Errc::AddressInUse);
    QCOMPARE(taken.error().detail, "127.0.0.1:" + std::to_string(rig.port));
    Acceptor third;
    const auto foreign = third.listen(QHostAddress(QStringLiteral("192.0.2.1")), 0);
    QVERIFY(!foreign);
    QCOMPARE(foreign.error().code, base::Errc::AddressUnavailable);

    rig.acceptor.close();
    QVERIFY(second.listen(QHostAddress::LocalHost, rig.port));
}

void TestAcceptor::takesAFewInATurn()
{
    Rig rig;
    constexpr int Count = 2 * Acceptor::TurnMax + 10;
    std::vector<std::unique_ptr<BacklogClient>> clients;
    for (int at = 0; at < Count; ++at) {
        clients.push_back(std::make_unique<BacklogClient>(rig.port));
        QVERIFY(clients.back()->isConnected());
    }
    while (rig.accepted < Count) {
        const int before = rig.accepted;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QVERIFY(rig.accepted - before <= Acceptor::TurnMax);
    }
    QCOMPARE(rig.accepted, Count);
}

void TestAcceptor::leavesClientsAloneWhilePaused()
{
    Rig rig;
    rig.acceptor.pause();
    const BacklogClient client(rig.port);
    QVERIFY(test::turnsWithin(50) < 100);
    QCOMPARE(rig.accepted, 0);
    rig.acceptor.resume();
    QTRY_COMPARE(rig.accepted, 1);
}

void TestAcceptor::standsStillWithoutDescriptors()
{
    Rig rig;
    // After a first one: what the socket has said then must not stand for what it says now.
    const BacklogClient first(rig.port);
    QTRY_COMPARE(rig.accepted, 1);

    const BacklogClient waiting(rig.port);
    {
        const OpenFilesLimit none(OpenFilesLimit::lowestFree());
        QVERIFY(test::turnsWithin(200) < 100);
        QCOMPARE(rig.exhausted, 1);
        rig.acceptor.resume(); // there is still none: told once more, and only once
        QVERIFY(test::turnsWithin(200) < 100);
        QCOMPARE(rig.exhausted, 2);
        QCOMPARE(rig.accepted, 1);
    }
    rig.acceptor.resume();
    QTRY_COMPARE(rig.accepted, 2);
}

QTEST_GUILESS_MAIN(TestAcceptor)
#include "tst_acceptor.moc"
