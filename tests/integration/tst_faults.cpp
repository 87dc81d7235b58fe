// SPDX-License-Identifier: GPL-3.0-or-later
// Upstreams that fail, clients that leave, an engine that stops: who is told what, and that nothing is sent
// twice.
#include "integration/proxy_fixture.h"

using namespace weir;
using test::bodyOf;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

namespace {

QByteArray streamOf(const QByteArray &model)
{
    return R"({"model":")" + model + R"(","stream":true,"messages":[]})";
}

} // namespace

class TestFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void failsBeforeTheHead_data();
    void failsBeforeTheHead();
    void breaksAfterTheHead_data();
    void breaksAfterTheHead();
    void namesWhoRefused();
    void namesWhatTlsDisliked();
    void endsTheUpstreamWhenTheClientLeaves_data();
    void endsTheUpstreamWhenTheClientLeaves();
    void limitsTheQueue();
};

void TestFaults::failsBeforeTheHead_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    for (const bool tls : {false, true}) {
        const char *over = tls ? "h2" : "http/1.1";
        QTest::addRow("closes first, %s", over)
            << tls << QByteArray("sim-close-before") << 502 << QByteArray();
        QTest::addRow("resets first, %s", over)
            << tls << QByteArray("sim-reset-before") << 502 << QByteArray();
        QTest::addRow("says nothing, %s", over)
            << tls << QByteArray("sim-silent") << 504 << QByteArray("timeouts.first_byte_ms");
        QTest::addRow("redirects, %s", over)
            << tls << QByteArray("sim-redirect") << 502 << QByteArray("redirect");
    }
    QTest::addRow("garbage status, http/1.1")
        << false << QByteArray("sim-garbage-status") << 502 << QByteArray();
}

void TestFaults::failsBeforeTheHead()
{
    QFETCH(bool, tls);
    QFETCH(QByteArray, model);
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    simulator::Options options;
    options.tls = tls;
    ProxyFixture proxy(options, [](config::Config &config) { config.timeouts.firstByteMs = 400; });
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", R"({"model":")" + model + R"(","messages":[]})"));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), status);
    QVERIFY2(response.contains(code), response.constData());
    QVERIFY2(response.contains("sim (http") || response.contains("127.0.0.1"), response.constData());
    // What may have been worked on is never sent again, and the client is told not to either.
    QTest::qWait(200);
    QCOMPARE(proxy.arrived.size(), std::size_t(1));
    if (model != "sim-redirect")
        QVERIFY(response.contains("x-should-retry: false"));
    QCOMPARE(proxy.record(1).outcome, metrics::Outcome::Failed);
    // The client's connection lives on.
    client.send(postRequest("/v1/messages", R"({"model":"sim-ok","messages":[]})"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
}

void TestFaults::breaksAfterTheHead_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<QByteArray>("event");
    const QByteArray anthropic = "event: error\ndata: {\"error\":";
    for (const bool tls : {false, true}) {
        const char *over = tls ? "h2" : "http/1.1";
        QTest::addRow("closes in the middle, %s", over)
            << tls << QByteArray("/v1/messages") << QByteArray("sim-close-mid-stream") << anthropic;
        QTest::addRow("resets in the middle, %s", over)
            << tls << QByteArray("/v1/messages") << QByteArray("sim-reset-mid-stream") << anthropic;
        QTest::addRow("falls silent, %s", over)
            << tls << QByteArray("/v1/messages") << QByteArray("sim-silent-mid-stream") << anthropic;
        QTest::addRow("closes in the middle of a chat, %s", over)
            << tls << QByteArray("/v1/chat/completions") << QByteArray("sim-close-mid-stream")
            << QByteArray("data: {\"error\":");
        QTest::addRow("no response.completed, %s", over)
            << tls << QByteArray("/v1/responses") << QByteArray("sim-no-done")
            << QByteArray("event: error\ndata: ");
    }
}

void TestFaults::breaksAfterTheHead()
{
    QFETCH(bool, tls);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, model);
    QFETCH(QByteArray, event);
    simulator::Options options;
    options.tls = tls;
    ProxyFixture proxy(options, [](config::Config &config) { config.timeouts.idleMs = 400; });
    RawClient client(proxy.port());
    client.send(postRequest(path, streamOf(model)));
    QVERIFY(client.waitForClose());
    QCOMPARE(statusOf(client.received()), 200);
    QVERIFY(client.received().contains("data: "));
    QVERIFY2(client.received().contains("\n\n" + event) || client.received().contains("\r\n" + event),
             client.received().right(600).constData());
    QVERIFY(!client.received().contains("\r\n0\r\n\r\n")); // visibly cut
    const metrics::RequestRecord record = proxy.record(1);
    QCOMPARE(record.outcome, metrics::Outcome::Truncated);
    QVERIFY(record.replyBytes > 0);
    QCOMPARE(proxy.arrived.size(), std::size_t(1));
}

void TestFaults::namesWhoRefused()
{
    ProxyFixture proxy(
        {}, [](config::Config &config) { config.providers.front().anthropicBase = "http://127.0.0.1:1"; });
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", R"({"model":"m","messages":[]})"));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 502);
    QVERIFY2(response.contains("refused the connection: http://127.0.0.1:1"), response.constData());
    QVERIFY(!response.contains("x-should-retry"));
}

void TestFaults::namesWhatTlsDisliked()
{
    simulator::Options options;
    options.tls = true;
    ProxyFixture proxy(options, [](config::Config &config) { config.providers.front().caFile.clear(); });
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", R"({"model":"m","messages":[]})"));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 502);
    QVERIFY2(response.contains("TLS handshake") && response.contains("self-signed"), response.constData());
    QCOMPARE(proxy.arrived.size(), std::size_t(0));
}

void TestFaults::endsTheUpstreamWhenTheClientLeaves_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<bool>("reset");
    QTest::addColumn<bool>("streaming");
    QTest::newRow("mid-stream, FIN, http/1.1") << false << false << true;
    QTest::newRow("mid-stream, RST, http/1.1") << false << true << true;
    QTest::newRow("mid-stream, FIN, h2") << true << false << true;
    QTest::newRow("mid-stream, RST, h2") << true << true << true;
    QTest::newRow("before the head, http/1.1") << false << false << false;
    QTest::newRow("before the head, h2") << true << false << false;
}

void TestFaults::endsTheUpstreamWhenTheClientLeaves()
{
    QFETCH(bool, tls);
    QFETCH(bool, reset);
    QFETCH(bool, streaming);
    simulator::Options options;
    options.tls = tls;
    ProxyFixture proxy(options);
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages",
                            streamOf(streaming ? "sim-chunks-100+gap-100" : "sim-slow-first-byte-20000")));
    if (streaming)
        QVERIFY(client.waitFor("content_block_delta"));
    else
        QTRY_COMPARE(proxy.arrived.size(), std::size_t(1));
    if (reset)
        client.reset();
    else
        client.close();
    QVERIFY(proxy.waitForServed(1));
    QVERIFY(proxy.served.front().cancelled); // else it would have gone on for ten seconds
    const metrics::RequestRecord record = proxy.record(1);
    QCOMPARE(record.outcome, metrics::Outcome::Cancelled);
    QCOMPARE(record.usage.known, streaming);
}

void TestFaults::limitsTheQueue()
{
    // One connection of HTTP/1.1 carries one request, and one more may wait for it.
    ProxyFixture proxy({}, [](config::Config &config) {
        config.pool.min = 1;
        config.pool.max = config.pool.maxHttp1 = 1;
        config.pool.queueMax = 1;
        config.pool.queueWaitMs = 700;
        config.providers.front().transport = config::Transport::Direct;
    });
    RawClient busy(proxy.port());
    busy.send(postRequest("/v1/messages", R"({"model":"sim-slow-first-byte-1500","messages":[]})"));
    QTRY_COMPARE(proxy.arrived.size(), std::size_t(1));
    RawClient waiting(proxy.port());
    waiting.send(postRequest("/v1/messages", R"({"model":"sim-ok","messages":[]})"));
    const engine::LiveFeed &feed = *proxy.host.liveFeed();
    QTRY_VERIFY(!feed.snapshot().pools.empty() && feed.snapshot().pools.front().waiting == 1);
    RawClient tooMany(proxy.port());
    tooMany.send(postRequest("/v1/messages", R"({"model":"sim-ok","messages":[]})"));
    const QByteArray full = tooMany.takeResponse();
    QCOMPARE(statusOf(full), 503);
    QVERIFY2(full.contains("pool.queue_max") && full.contains("sim"), full.constData());
    const QByteArray late = waiting.takeResponse();
    QCOMPARE(statusOf(late), 503);
    QVERIFY2(late.contains("pool.queue_wait_ms"), late.constData());
    QCOMPARE(statusOf(busy.takeResponse()), 200);
}

QTEST_GUILESS_MAIN(TestFaults)
#include "tst_faults.moc"
