// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/lanes.h"
#include <QTest>

using namespace weir;
using config::Transport;

class TestLanes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void choosesAndSaysWhy_data();
    void choosesAndSaysWhy();
};

void TestLanes::choosesAndSaysWhy_data()
{
    QTest::addColumn<int>("transport");
    QTest::addColumn<bool>("systemProxy");
    QTest::addColumn<bool>("isQnam");
    QTest::addColumn<QString>("notice");
    QTest::newRow("auto") << int(Transport::Auto) << false << false << "";
    QTest::newRow("auto, through a proxy")
        << int(Transport::Auto) << true << true << "because upstream.use_system_proxy is set";
    QTest::newRow("direct") << int(Transport::Direct) << false << false << "";
    QTest::newRow("direct, past a proxy")
        << int(Transport::Direct) << true << false << "because provider.local.transport is 'direct'";
    QTest::newRow("qnam") << int(Transport::Qnam) << false << true << "";
    QTest::newRow("qnam, through a proxy") << int(Transport::Qnam) << true << true << "";
}

void TestLanes::choosesAndSaysWhy()
{
    QFETCH(int, transport);
    QFETCH(bool, systemProxy);
    QFETCH(bool, isQnam);
    QFETCH(QString, notice);
    config::Provider provider;
    provider.name = "local";
    provider.transport = Transport(transport);
    auto config = std::make_shared<config::Config>();
    config->useSystemProxy = systemProxy;
    config->providers.push_back(provider);
    const upstream::Origin origin{true, "api.example", 443, {}};
    const base::SystemClock clock;
    const upstream::LaneKind kind = engine::laneKinds(config, clock)("local", origin);
    QVERIFY2(QString::fromStdString(kind.notice).endsWith(notice), kind.notice.c_str());
    QCOMPARE(kind.notice.empty(), notice.isEmpty());
    QCOMPARE(kind.transport, std::string(isQnam ? "qnam" : "direct"));
    QCOMPARE(kind.needsBodySize, isQnam);
    const std::unique_ptr<upstream::Lane> lane = kind.make(origin);
    QCOMPARE(lane->needsBodySize(), kind.needsBodySize);
}

QTEST_GUILESS_MAIN(TestLanes)
#include "tst_lanes.moc"
