// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of requests in work when the engine, or the program, is to end.
#include "engine/engine.h"
#include "integration/headless.h"
#include "integration/kept_usage.h"
#include "support/open_files.h"
#include <csignal>
#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QSignalSpy>
#include <vector>

using namespace weir;
using engine::EngineHost;
using test::BacklogClient;
using test::Headless;
using test::KeptUsage;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

namespace {

const QByteArray Endless = R"({"model":"sim-chunks-9000+gap-50","stream":true,"max_tokens":9,"messages":[]})";
const QByteArray Silent = R"({"model":"sim-silent","max_tokens":9,"messages":[]})";
/// Longer than the engine may take.
constexpr int StopMaxMs = engine::EngineHost::DrainMaxMs + 20'000;

/// An endless stream of which something has come.
std::unique_ptr<RawClient> stream(quint16 port, const QByteArray &path)
{
    auto client = std::make_unique<RawClient>(port);
    client->send(postRequest(path, Endless));
    return client->waitFor("\r\n\r\n") && client->waitFor("data: ") ? std::move(client) : nullptr;
}

bool isCut(const QByteArray &reply)
{
    return !reply.contains("\r\n0\r\n\r\n");
}

bool hasStopped(const EngineHost &host)
{
    return QTest::qWaitFor([&host] { return host.state() == EngineHost::State::Stopped; }, StopMaxMs);
}

} // namespace

class TestStopping : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatEndsInTimeEndsWhole();
    void whatDoesNotIsCutWithAnEvent_data();
    void whatDoesNotIsCutWithAnEvent();
    void waitsForTheDrainTime();
    void aClientThatDoesNotReadIsNotAwaited();
    void aSecondSignalCutsAndSaves_data();
    void aSecondSignalCutsAndSaves();
    void anIgnoredHangUpStaysIgnored();
};

void TestStopping::whatEndsInTimeEndsWhole()
{
    ProxyFixture proxy;
    RawClient client(proxy.port());
    client.send(
        postRequest("/v1/messages", R"({"model":"sim-chunks-5+gap-100","stream":true,"messages":[]})"));
    QVERIFY(client.waitFor("content_block_delta"));
    RawClient idle(proxy.port());
    const quint16 port = proxy.port();
    const QSignalSpy stopped(&proxy.host, &EngineHost::stopped);
    proxy.host.stop();
    QVERIFY(idle.waitForClose());
    RawClient late(port);
    QVERIFY(late.socket().state() != QAbstractSocket::ConnectedState);
    QVERIFY(client.waitFor("\r\n0\r\n\r\n")); // what ran was finished
    QTRY_COMPARE(stopped.count(), 1);
    QCOMPARE(proxy.record(1).outcome, metrics::Outcome::Completed);
}

void TestStopping::whatDoesNotIsCutWithAnEvent_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QString>("protocol");
    QTest::addColumn<int>("transport");
    QTest::newRow("HTTP/1.1") << false << "http/1.1" << int(config::Transport::Direct);
    QTest::newRow("HTTP/2") << true << "h2" << int(config::Transport::Direct);
    QTest::newRow("QNetworkAccessManager") << true << "h2" << int(config::Transport::Qnam);
}

void TestStopping::whatDoesNotIsCutWithAnEvent()
{
    QFETCH(bool, tls);
    QFETCH(int, transport);
    const KeptUsage kept;
    std::int64_t rows = 0; // one for each that reached the provider
    {
        simulator::Options simulated;
        simulated.tls = tls;
        ProxyFixture proxy(simulated, [transport](config::Config &config) {
            config.providers.back().transport = config::Transport(transport);
            config.store.enabled = true;
        });
        const auto messages = stream(proxy.port(), "/v1/messages");
        const auto chat = stream(proxy.port(), "/v1/chat/completions");
        const auto responses = stream(proxy.port(), "/v1/responses");
        QVERIFY(messages && chat && responses);
        RawClient unanswered(proxy.port());
        unanswered.send(postRequest("/v1/messages", Silent));
        RawClient sending(proxy.port());
        sending.send(postRequest("/v1/messages", Silent).chopped(3));
        QTRY_COMPARE(proxy.host.liveFeed()->snapshot().active, 5);
        QTRY_VERIFY(proxy.arrived.size() >= 4); // whether the one still being sent has, the transport decides

        proxy.host.stop();
        proxy.host.stopWithin(0);
        for (RawClient *client : {messages.get(), chat.get(), responses.get(), &unanswered, &sending})
            QVERIFY(client->waitForClose());
        QVERIFY(hasStopped(proxy.host));

        QVERIFY2(messages->received().contains("\nevent: error\ndata: {\"error\":{"),
                 messages->received().right(300).constData());
        QVERIFY2(chat->received().contains("\ndata: {\"error\":{"), chat->received().right(300).constData());
        QVERIFY2(responses->received().contains("\nevent: error\ndata: {\"code\":\"draining\""),
                 responses->received().right(300).constData());
        for (const RawClient *client : {messages.get(), chat.get(), responses.get()}) {
            QVERIFY(client->received().endsWith("\n\n\r\n")); // the event, whole, as the last chunk
            QVERIFY(client->received().contains("Weir is shutting down"));
            QVERIFY(isCut(client->received()));
        }
        for (const RawClient *client : {&unanswered, &sending}) {
            QCOMPARE(statusOf(client->received()), 503);
            QVERIFY(client->received().contains("Weir is shutting down"));
        }
        int cut = 0;
        for (std::size_t number = 1; number <= 5; ++number) {
            const metrics::RequestRecord record = proxy.record(number);
            QCOMPARE(record.error, base::Errc::Draining);
            rows += record.gotLane;
            if (record.outcome == metrics::Outcome::Truncated) {
                ++cut;
                QTEST(QString::fromStdString(record.protocol), "protocol");
            }
        }
        QCOMPARE(cut, 3);
    }
    QCOMPARE(kept.rows(), rows);
}

void TestStopping::waitsForTheDrainTime()
{
    ProxyFixture proxy;
    const auto client = stream(proxy.port(), "/v1/messages");
    QVERIFY(client);
    QElapsedTimer time;
    time.start();
    proxy.host.stop();
    QVERIFY(hasStopped(proxy.host));
    QVERIFY(time.elapsed() >= engine::EngineHost::DrainMaxMs * 9 / 10); // a coarse timer may be early
    QVERIFY(client->waitFor("Weir is shutting down"));
    QVERIFY(isCut(client->received()));
}

void TestStopping::aClientThatDoesNotReadIsNotAwaited()
{
    ProxyFixture proxy;
    const auto client = stream(proxy.port(), "/v1/messages");
    QVERIFY(client);
    BacklogClient deaf(proxy.port());
    QVERIFY(deaf.send(
        postRequest("/v1/messages", R"({"model":"sim-bytes-16777216+gap-0","stream":true,"messages":[]})")));
    QTRY_COMPARE_WITH_TIMEOUT(deaf.peek(12), QByteArray("HTTP/1.1 200"), test::StartMaxMs);
    proxy.host.stop();
    proxy.host.stopWithin(0);
    QVERIFY(hasStopped(proxy.host));
    QVERIFY(client->waitFor("Weir is shutting down"));
    QVERIFY(client->waitForClose());
}

void TestStopping::aSecondSignalCutsAndSaves_data()
{
    QTest::addColumn<int>("first");
    QTest::addColumn<int>("second");
    QTest::newRow("SIGTERM twice") << SIGTERM << SIGTERM;
    QTest::newRow("SIGINT twice") << SIGINT << SIGINT;
    QTest::newRow("SIGHUP twice") << SIGHUP << SIGHUP;
    QTest::newRow("SIGTERM, SIGHUP") << SIGTERM << SIGHUP;
    QTest::newRow("SIGHUP, SIGINT") << SIGHUP << SIGINT;
}

void TestStopping::aSecondSignalCutsAndSaves()
{
    QFETCH(int, first);
    QFETCH(int, second);
    const KeptUsage kept;
    ProxyFixture provider;
    {
        Headless weir(provider);
        QVERIFY(weir.port != 0);
        const auto client = stream(weir.port, "/v1/messages");
        QVERIFY(client);
        const auto isRefused = [&weir] {
            RawClient late(weir.port);
            return late.socket().state() != QAbstractSocket::ConnectedState;
        };
        QCOMPARE(::kill(pid_t(weir.process.processId()), first), 0);
        QTRY_VERIFY(isRefused());
        QCOMPARE(weir.process.state(), QProcess::Running);
        QCOMPARE(::kill(pid_t(weir.process.processId()), second), 0);
        QVERIFY(client->waitFor("Weir is shutting down"));
        QVERIFY(client->waitForClose());
        QVERIFY(isCut(client->received()));
        // It may have ended while the client was awaited.
        QVERIFY(QTest::qWaitFor([&weir] { return weir.process.state() == QProcess::NotRunning; }, StopMaxMs));
        QCOMPARE(weir.process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(weir.process.exitCode(), 0);
    }
    QCOMPARE(kept.rows(), std::int64_t(1));
}

void TestStopping::anIgnoredHangUpStaysIgnored()
{
    ProxyFixture provider;
    Headless weir(provider, QStringLiteral("trap '' HUP; "), QStringLiteral("--set store.enabled=false"));
    QVERIFY(weir.port != 0);
    QFile status(QStringLiteral("/proc/%1/status").arg(weir.process.processId()));
    QVERIFY(status.open(QIODevice::ReadOnly));
    static const QRegularExpression line(QStringLiteral("SigIgn:\\s+([0-9a-f]+)"));
    const qulonglong ignored =
        line.match(QString::fromLatin1(status.readAll())).captured(1).toULongLong(nullptr, 16);
    QVERIFY(ignored & (1ULL << (SIGHUP - 1)));
    QVERIFY(!(ignored & (1ULL << (SIGTERM - 1))));
    weir.process.terminate();
    QVERIFY(weir.process.waitForFinished(StopMaxMs));
    QCOMPARE(weir.process.exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestStopping)
#include "tst_stopping.moc"
