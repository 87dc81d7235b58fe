// SPDX-License-Identifier: GPL-3.0-or-later
// Upstreams that never stop, over QNetworkAccessManager: its thread may hear of nothing while it reads, so
// what it reads from is ended from outside, soon, and nothing else is.
#include "integration/proxy_fixture.h"

using namespace weir;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

namespace {

simulator::Options simulated(bool tls)
{
    simulator::Options options;
    options.tls = tls;
    return options;
}

void useQnam(config::Config &config)
{
    config.pool.min = 1; // so that all calls share a manager
    config.providers.front().transport = config::Transport::Qnam;
}

QByteArray messages(const QByteArray &model, bool stream = false)
{
    return postRequest("/v1/messages", R"({"model":")" + model + R"(","stream":)" +
                                           (stream ? "true" : "false") + R"(,"messages":[]})");
}

bool isServed(ProxyFixture &proxy)
{
    RawClient client(proxy.port());
    client.send(messages("sim-ok"));
    return statusOf(client.takeResponse()) == 200;
}

} // namespace

class TestQnamEnds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endsWithItsClient_data();
    void endsWithItsClient();
    void endsWithItsDeadline();
    void endsByItself_data();
    void endsByItself();
    void leavesTheNeighbourAlone();
    void goesOnOverTheSameConnection();
};

void TestQnamEnds::endsWithItsClient_data()
{
    QTest::addColumn<bool>("tls"); // with HTTP/2
    QTest::addColumn<QByteArray>("model");
    const auto row = [](const char *name, bool tls, const char *model) {
        QTest::newRow(name) << tls << QByteArray(model);
    };
    row("a head, HTTP/1.1", false, "sim-endless-headers");
    row("a body, HTTP/1.1", false, "sim-body-endless+gap-0");
    row("a head, HTTP/2", true, "sim-continuation-flood");
    row("a head of nothing, HTTP/2", true, "sim-empty-continuations");
    row("PING", true, "sim-ping-flood");
    row("SETTINGS", true, "sim-settings-flood");
    row("a body, HTTP/2", true, "sim-body-endless+gap-0");
}

void TestQnamEnds::endsWithItsClient()
{
    QFETCH(bool, tls);
    QFETCH(QByteArray, model);
    ProxyFixture proxy(simulated(tls), useQnam);
    {
        RawClient client(proxy.port());
        client.send(messages(model, true));
        QTRY_COMPARE(proxy.arrived.size(), std::size_t(1));
        client.reset();
    }
    // The deadlines are minutes away.
    QVERIFY(proxy.waitForServed(1));
    QVERIFY(proxy.served.front().cancelled);
    QVERIFY(isServed(proxy));
    QCOMPARE(proxy.arrived.size(), std::size_t(2));
}

void TestQnamEnds::endsWithItsDeadline()
{
    // Before it has taken in too much: it is the deadline that speaks.
    ProxyFixture proxy(simulated(false), [](config::Config &config) {
        useQnam(config);
        config.timeouts.firstByteMs = 1;
    });
    RawClient client(proxy.port());
    client.send(messages("sim-endless-headers"));
    QCOMPARE(statusOf(client.takeResponse()), 504);
    QVERIFY(proxy.waitForServed(1));
    QVERIFY(proxy.served.front().cancelled);
}

void TestQnamEnds::endsByItself_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QByteArray>("model");
    QTest::newRow("HTTP/1.1") << false << QByteArray("sim-endless-headers");
    QTest::newRow("HTTP/2") << true << QByteArray("sim-continuation-flood");
}

void TestQnamEnds::endsByItself()
{
    QFETCH(bool, tls);
    QFETCH(QByteArray, model);
    ProxyFixture proxy(simulated(tls), useQnam);
    RawClient client(proxy.port());
    client.send(messages(model));
    const QByteArray reply = client.takeResponse();
    QCOMPARE(statusOf(reply), 502);
    QVERIFY2(reply.contains("it sends without an end"), reply.constData());
    QVERIFY(reply.contains("x-should-retry: false"));
    QVERIFY(proxy.waitForServed(1));
    QVERIFY(isServed(proxy)); // over another manager
    QCOMPARE(proxy.arrived.size(), std::size_t(2));
}

void TestQnamEnds::leavesTheNeighbourAlone()
{
    ProxyFixture proxy(simulated(false), useQnam);
    RawClient neighbour(proxy.port());
    neighbour.send(messages("sim-chunks-10000+gap-20", true));
    QVERIFY(neighbour.waitFor("content_block_delta"));
    RawClient client(proxy.port());
    client.send(messages("sim-endless-headers")); // the manager has both
    QCOMPARE(statusOf(client.takeResponse()), 502);
    const qsizetype before = neighbour.received().size();
    QTRY_VERIFY(neighbour.received().size() > before + 10'000);
    QVERIFY(!neighbour.received().contains("event: error"));
    QCOMPARE(neighbour.socket().state(), QAbstractSocket::ConnectedState);
}

void TestQnamEnds::goesOnOverTheSameConnection()
{
    // A stream that its client leaves is reset, and the connection carries the others.
    ProxyFixture proxy(simulated(true), useQnam);
    for (int round = 0; round < 3; ++round) {
        RawClient client(proxy.port());
        client.send(messages("sim-body-endless+gap-0", true));
        QVERIFY(client.waitFor("content_block_delta"));
        client.reset();
        QVERIFY(proxy.waitForServed(std::size_t(2 * round + 1)));
        QVERIFY(isServed(proxy));
    }
    const engine::LiveFeed &feed = *proxy.host.liveFeed();
    QSignalSpy ticks(&feed, &engine::LiveFeed::updated);
    QTRY_VERIFY(ticks.count() >= 2);
    QCOMPARE(feed.snapshot().pools.front().connections, std::uint64_t(1));
}

QTEST_GUILESS_MAIN(TestQnamEnds)
#include "tst_qnam_ends.moc"
