// SPDX-License-Identifier: GPL-3.0-or-later
// Who goes first when lanes are short.
#include "integration/proxy_fixture.h"

using namespace weir;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

namespace {

/// One lane of six HTTP/1.1 connections.
void oneLane(config::Config &config)
{
    config.providers.front().transport = config::Transport::Qnam;
    config.pool.min = config.pool.max = config.pool.maxHttp1 = 1;
}

} // namespace

class TestPriority : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void servesInteractiveFirst();
    void refusesWhatItDoesNotKnow_data();
    void refusesWhatItDoesNotKnow();
};

void TestPriority::servesInteractiveFirst()
{
    ProxyFixture proxy({}, oneLane);
    std::vector<std::unique_ptr<RawClient>> clients;
    const auto send = [&](const QByteArray &request) {
        clients.push_back(std::make_unique<RawClient>(proxy.port()));
        clients.back()->send(request);
    };
    const engine::LiveFeed &feed = *proxy.host.liveFeed();
    const auto waits = [&](int count) {
        return !feed.snapshot().pools.empty() && feed.snapshot().pools.front().waiting == count;
    };
    const QByteArray quick = R"({"model":"sim-ok","messages":[]})";
    for (int busy = 0; busy < 6; ++busy) // one of them ends sooner
        send(postRequest("/v1/messages", R"({"model":"sim-slow-first-byte-)" +
                                             QByteArray(busy ? "4000" : "1500") + R"(","messages":[]})"));
    QTRY_COMPARE(proxy.arrived.size(), std::size_t(6));
    const std::pair<const char *, const char *> asked[] = {
        {"/v1/messages/count_tokens", ""},
        {"/v1/messages?by=header", "X-Weir-Priority: Background\r\n"},
        {"/v1/messages?late=1", ""},
        {"/v1/embeddings?by=header", "x-weir-priority: interactive\r\n"},
    };
    int waiting = 0;
    for (const auto &[path, header] : asked) {
        send(postRequest(path, quick, header));
        QTRY_VERIFY(waits(waiting + 1));
        ++waiting;
    }
    QCOMPARE(feed.snapshot().pools.front().waitingBackground, 2);
    QTRY_COMPARE_WITH_TIMEOUT(proxy.arrived.size(), std::size_t(10), 8000);
    const char *const order[] = {"late=1", "/embeddings", "count_tokens", "messages?by=header"};
    for (std::size_t index = 0; index < 4; ++index) {
        const simulator::Arrived &request = proxy.arrived[6 + index];
        QVERIFY2(request.target.contains(order[index]), request.target.constData());
        QVERIFY(!request.headers.toLower().contains("priority")); // Weir's own, not passed on
    }
}

void TestPriority::refusesWhatItDoesNotKnow_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::newRow("another word") << QByteArray("X-Weir-Priority: urgent\r\n");
    QTest::newRow("none") << QByteArray("X-Weir-Priority:\r\n");
    QTest::newRow("twice") << QByteArray("X-Weir-Priority: background\r\nX-Weir-Priority: background\r\n");
}

void TestPriority::refusesWhatItDoesNotKnow()
{
    QFETCH(QByteArray, header);
    ProxyFixture proxy;
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", R"({"model":"sim-ok","messages":[]})", header));
    const QByteArray refused = client.takeResponse();
    QCOMPARE(statusOf(refused), 400);
    QVERIFY2(refused.contains("'X-Weir-Priority' is 'interactive' or 'background'"), refused.constData());
    QVERIFY(proxy.arrived.empty());
}

QTEST_GUILESS_MAIN(TestPriority)
#include "tst_priority.moc"
