// SPDX-License-Identifier: GPL-3.0-or-later
// What QNetworkAccessManager does behind Weir's back, and that nobody suffers from it.
#include "integration/proxy_fixture.h"
#include "pipeline/flight.h"

#include <algorithm>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <QDir>
#include <QElapsedTimer>
#include <QUrl>
#include <sys/socket.h>

using namespace weir;
using test::bodyOf;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

namespace {

simulator::Options overTls()
{
    simulator::Options options;
    options.tls = true;
    return options;
}

void useQnam(config::Config &config)
{
    config.pool.min = 1; // none in reserve: connections are counted, and one gets its options at first use
    config.providers.front().transport = config::Transport::Qnam;
}

QByteArray messages(const QByteArray &model, bool stream = false)
{
    return postRequest("/v1/messages", R"({"model":")" + model + R"(","stream":)" +
                                           (stream ? "true" : "false") + R"(,"messages":[]})");
}

/// The pool at a tick that has come after `client` had its answer.
metrics::PoolState poolOf(ProxyFixture &proxy)
{
    const engine::LiveFeed &feed = *proxy.host.liveFeed();
    QSignalSpy ticks(&feed, &engine::LiveFeed::updated);
    const bool ticked = QTest::qWaitFor([&] { return ticks.count() >= 2; });
    return ticked && !feed.snapshot().pools.empty() ? feed.snapshot().pools.front() : metrics::PoolState{};
}

/// TCP_NODELAY of every TCP socket of this process that is connected to `port`.
std::vector<int> noDelayOfSocketsTo(quint16 port)
{
    std::vector<int> values;
    for (const QString &name : QDir(QStringLiteral("/proc/self/fd")).entryList(QDir::Files | QDir::System)) {
        const int descriptor = name.toInt();
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&peer), &size) != 0 ||
            peer.sin_family != AF_INET || ntohs(peer.sin_port) != port)
            continue;
        int value = -1;
        size = sizeof value;
        ::getsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &value, &size);
        values.push_back(value);
    }
    return values;
}

} // namespace

class TestQnam : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void replacesAManagerThatGoesAway();
    void judgesAManagerByItsErrors_data();
    void judgesAManagerByItsErrors();
    void replacesAManagerThatFallsSilent();
    void sendsWithoutNagle();
    void endsWhatASlowReaderLetsPileUp();
    void endsOneOfTwoThatPileUpTogether();
    void gathersABodyWithoutLength();
    void opensTheBreakerAndSaysSo();
    void aManagerThatCannotEndHoldsUpNobody();
};

void TestQnam::replacesAManagerThatGoesAway()
{
    ProxyFixture proxy(overTls(), useQnam);
    RawClient stream(proxy.port());
    stream.send(messages("sim-goaway-graceful+chunks-60+gap-100", true));
    QVERIFY(stream.waitFor("content_block_delta"));
    // Qt keeps these to itself and sends nothing, for ever.
    std::vector<std::unique_ptr<RawClient>> later;
    for (int number = 0; number < 3; ++number) {
        later.push_back(std::make_unique<RawClient>(proxy.port()));
        later.back()->send(messages("sim-ok"));
    }
    for (const auto &client : later)
        QCOMPARE(statusOf(client->takeResponse()), 200);
    QVERIFY(stream.waitFor("message_stop")); // it was left alone
    QVERIFY(proxy.waitForServed(4));
    QCOMPARE(proxy.arrived.size(), std::size_t(4)); // and nothing came twice
    QCOMPARE(proxy.record(1).retries, 1);
    QCOMPARE(proxy.record(1).outcome, metrics::Outcome::Completed);
    const metrics::PoolState pool = poolOf(proxy);
    QCOMPARE(pool.retries, std::uint64_t(3));
    QVERIFY(pool.connections >= 2);
}

void TestQnam::judgesAManagerByItsErrors_data()
{
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("connections");
    QTest::addColumn<int>("tries");
    const auto row = [](const char *name, const char *model, int status, int connections, int tries = 1) {
        QTest::newRow(name) << QByteArray(model) << status << connections << tries;
    };
    row("closed", "sim-close-before", 502, 2);
    // Proven not to have been processed.
    constexpr int Tries = 1 + pipeline::Flight::RetriesMax;
    row("gone away", "sim-goaway-refused", 502, 1 + Tries, Tries);
    // One stream's trouble is not the connection's: others would suffer from each new one.
    row("stream reset", "sim-reset-before", 502, 1);
    row("stream refused", "sim-rst-refused", 502, 1);
    row("error status", "sim-error-500", 500, 1);
}

void TestQnam::judgesAManagerByItsErrors()
{
    QFETCH(QByteArray, model);
    QFETCH(int, status);
    QFETCH(int, connections);
    QFETCH(int, tries);
    ProxyFixture proxy(overTls(), useQnam);
    RawClient client(proxy.port());
    client.send(messages("sim-ok"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    client.send(messages(model));
    const QByteArray failed = client.takeResponse();
    QCOMPARE(statusOf(failed), status);
    QCOMPARE(failed.contains("x-should-retry: false"), status == 502);
    QCOMPARE(proxy.arrived.size(), std::size_t(1 + tries));
    client.send(messages("sim-ok"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QCOMPARE(poolOf(proxy).connections, std::uint64_t(connections));
}

void TestQnam::replacesAManagerThatFallsSilent()
{
    ProxyFixture proxy(overTls(), [](config::Config &config) {
        useQnam(config);
        config.timeouts.firstByteMs = 300;
    });
    RawClient client(proxy.port());
    client.send(messages("sim-silent"));
    QCOMPARE(statusOf(client.takeResponse()), 504);
    client.send(messages("sim-ok"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QVERIFY(poolOf(proxy).connections >= 2);
    QCOMPARE(proxy.arrived.size(), std::size_t(2));
}

void TestQnam::sendsWithoutNagle()
{
    // A POST over HTTP/2 is two writes: with Nagle's algorithm on, each small one waits 40 ms for the peer's
    // delayed acknowledgement.
    for (const bool tls : {false, true}) {
        simulator::Options options;
        options.tls = tls;
        ProxyFixture proxy(options, useQnam);
        RawClient client(proxy.port());
        for (int size = 300; size <= 2000; size += 425) {
            client.send(postRequest("/v1/messages", R"({"model":"sim-ok","messages":[],"p":")" +
                                                        QByteArray(size, 'x') + R"("})"));
            QCOMPARE(statusOf(client.takeResponse()), 200);
        }
        const QUrl origin(QString::fromStdString(poolOf(proxy).origin));
        const std::vector<int> values = noDelayOfSocketsTo(quint16(origin.port()));
        QVERIFY(!values.empty());
        for (const int value : values)
            QCOMPARE(value, 1);
    }
}

void TestQnam::endsWhatASlowReaderLetsPileUp()
{
    // Over HTTP/2 Qt cannot be paused: it takes in whatever comes.
    ProxyFixture proxy(overTls(), useQnam);
    QTcpSocket client;
    client.setReadBufferSize(16 * 1024);
    client.connectToHost(QHostAddress::LocalHost, proxy.port());
    QVERIFY(client.waitForConnected());
    client.write(messages("sim-sse-giant-line", true));
    const metrics::RequestRecord record = proxy.record(1);
    QCOMPARE(record.outcome, metrics::Outcome::Truncated);
    QCOMPARE(record.error, base::Errc::WriteStallTimeout);
    QVERIFY(record.replyBytes < 64 * 1024 * 1024);
    // It is the client's fault, not the manager's.
    RawClient other(proxy.port());
    other.send(messages("sim-ok"));
    QCOMPARE(statusOf(other.takeResponse()), 200);
    QCOMPARE(poolOf(proxy).connections, std::uint64_t(1));
}

void TestQnam::endsOneOfTwoThatPileUpTogether()
{
    // Each alone would fit.
    ProxyFixture proxy(overTls(), useQnam);
    std::array<QTcpSocket, 2> clients;
    for (QTcpSocket &client : clients) {
        client.setReadBufferSize(16 * 1024);
        client.connectToHost(QHostAddress::LocalHost, proxy.port());
        QVERIFY(client.waitForConnected());
        client.write(messages("sim-bytes-31457280+chunks-3000+gap-0", true));
    }
    const engine::LiveFeed &feed = *proxy.host.liveFeed();
    QTRY_COMPARE_WITH_TIMEOUT(feed.records().size(), std::size_t(1), 30'000);
    QCOMPARE(feed.records()[0].error, base::Errc::WriteStallTimeout);
    QVERIFY(proxy.waitForServed(2));
    for (QTcpSocket &client : clients) {
        client.setReadBufferSize(0);
        client.readAll();
    }
    QTRY_COMPARE_WITH_TIMEOUT(feed.records().size(), std::size_t(2), 30'000);
    QCOMPARE(feed.records()[1].outcome, metrics::Outcome::Completed);
}

void TestQnam::gathersABodyWithoutLength()
{
    ProxyFixture proxy(overTls(), [](config::Config &config) {
        useQnam(config);
        config.limits.bodyHold = 100;
    });
    const QByteArray head = "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: k\r\n"
                            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const auto chunked = [](const QByteArray &body) {
        return QByteArray::number(body.size(), 16) + "\r\n" + body + "\r\n";
    };
    RawClient client(proxy.port());
    client.send(head + chunked(R"({"model":"sim-ok",)") + chunked(R"("messages":[]})") + "0\r\n\r\n");
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QCOMPARE(proxy.arrived.front().body, QByteArray(R"({"model":"sim-ok","messages":[]})"));
    QVERIFY(proxy.arrived.front().headers.contains("content-length: 32\n"));
    client.send(head + chunked(QByteArray(101, ' ')));
    const QByteArray refused = client.takeResponse();
    QCOMPARE(statusOf(refused), 413);
    QVERIFY(refused.contains("limits.body_hold"));
    QCOMPARE(proxy.arrived.size(), std::size_t(1));
}

void TestQnam::opensTheBreakerAndSaysSo()
{
    ProxyFixture proxy({}, [](config::Config &config) {
        useQnam(config);
        config.providers.front().anthropicBase = "http://127.0.0.1:1";
    });
    QByteArray last;
    int refusals = 0;
    // More than enough to open it; what comes in the pauses between waits for them.
    for (int number = 0; number < 10 && statusOf(last) != 503; ++number) {
        RawClient client(proxy.port());
        client.send(messages("sim-ok"));
        last = client.takeResponse();
        refusals += statusOf(last) == 502;
    }
    QCOMPARE(refusals, 5);
    QCOMPARE(statusOf(last), 503);
    QVERIFY2(last.contains("Retry-After: ") &&
                 last.contains("upstream cannot be reached: sim (http://127.0.0.1:1)") &&
                 last.contains("refused the connection") && last.contains("the next is tried in"),
             last.constData());
    QVERIFY(!last.contains("x-should-retry"));
    QCOMPARE(poolOf(proxy).breaker, metrics::Breaker::Open);
}

void TestQnam::aManagerThatCannotEndHoldsUpNobody()
{
    // What sends faster than Qt's thread reads keeps that thread from hearing anything; who destroys such a
    // manager waits for five seconds.
    ProxyFixture proxy({}, useQnam);
    {
        RawClient client(proxy.port());
        client.send(messages("sim-body-endless+gap-0", true));
        QVERIFY(client.waitFor("content_block_delta"));
        client.reset();
    }
    RawClient next(proxy.port());
    next.send(messages("sim-ok"));
    QElapsedTimer total;
    total.start();
    qint64 longest = 0;
    while (total.elapsed() < 6000) {
        RawClient other(proxy.port());
        QElapsedTimer timer;
        timer.start();
        other.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QCOMPARE(statusOf(other.takeResponse()), 200);
        longest = std::max(longest, timer.elapsed());
        QTest::qWait(20);
    }
    QVERIFY2(longest < 4000, qPrintable(QString::number(longest))); // that wait would show in one of them
    QCOMPARE(statusOf(next.takeResponse()), 200);                   // over another manager
}

QTEST_GUILESS_MAIN(TestQnam)
#include "tst_qnam.moc"
