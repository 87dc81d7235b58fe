// SPDX-License-Identifier: GPL-3.0-or-later
// What passes through: bytes, headers, streams, both dialects; and what it leaves behind.
#include "integration/proxy_fixture.h"

using namespace weir;
using test::bodyOf;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

class TestForwarding : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void passesBytesUnchanged_data();
    void passesBytesUnchanged();
    void speaksHttp2OverTls();
    void passesChunkBeforeTheNextIsSent();
    void recordsWhatHappened();
    void addressesOneProviderByPath();
    void passesAChunkedBody();
    void answersContinueBeforeTheBody();
    void answersPipelinedRequestsInOrder();
    void closesAfterAnHttp10Request();
    void carriesABurst();
    void passesErrorsOn();
    void passesALargeBodyBothWays();
};

void TestForwarding::passesBytesUnchanged_data()
{
    QTest::addColumn<bool>("tls");
    QTest::newRow("cleartext HTTP/1.1") << false;
    QTest::newRow("TLS HTTP/2") << true;
}

void TestForwarding::passesBytesUnchanged()
{
    QFETCH(bool, tls);
    simulator::Options options;
    options.tls = tls;
    ProxyFixture proxy(options);
    // Odd spacing, unknown fields, duplicate keys, escapes and non-ASCII: nothing of it is Weir's business.
    const QByteArray body =
        "{ \"model\":\"x\",\n\t\"x_unknown\": [1.50e3, -0, \"\\u00fc\\/\"], \"model\" : \"sim-ok\", "
        "\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"gr\xC3\xBC\xC3\x9F\"}]}";
    RawClient client(proxy.port());
    client.send(
        postRequest("/v1/messages?beta=true&x=%20a+b", body,
                    "anthropic-beta: one-2025-01-01,two-2025-02-02,three\r\nanthropic-version: 2023-06-01\r\n"
                    "X-Unknown-Thing: kept; as=is\r\nUser-Agent: claude-cli/2.1.330 (external, cli)\r\n"
                    "Connection: keep-alive, X-Hop\r\nX-Hop: gone\r\nX-Forwarded-For: 10.0.0.1\r\n"
                    "Cookie: a=b\r\nAccept-Encoding: gzip, compress\r\n"));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 200);
    QCOMPARE(proxy.arrived.size(), std::size_t(1));
    const simulator::Arrived &request = proxy.arrived.front();
    QCOMPARE(request.body, body);
    QCOMPARE(request.target, QByteArray("/v1/messages?beta=true&x=%20a+b"));
    const QByteArray headers = "\n" + request.headers.toLower();
    QVERIFY(headers.contains("\nanthropic-beta: one-2025-01-01,two-2025-02-02,three\n"));
    QVERIFY(headers.contains("\nanthropic-version: 2023-06-01\n"));
    QVERIFY(headers.contains("\nx-api-key: test-key\n"));
    QVERIFY(headers.contains("\nx-unknown-thing: kept; as=is\n"));
    QVERIFY(headers.contains("\nuser-agent: claude-cli/2.1.330 (external, cli)\n"));
    QVERIFY(headers.contains("\naccept-encoding: gzip\n")); // what Weir can read of it
    for (const char *gone : {"\nx-hop:", "\nx-forwarded-for:", "\ncookie:"})
        QVERIFY2(!headers.contains(gone), gone);
}

void TestForwarding::speaksHttp2OverTls()
{
    simulator::Options options;
    options.tls = true;
    ProxyFixture proxy(options);
    RawClient client(proxy.port());
    client.send(postRequest("/v1/chat/completions", R"({"model":"sim-ok","messages":[]})"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QCOMPARE(proxy.arrived.front().protocol, QByteArray("h2"));
    QVERIFY(proxy.arrived.front().tls);
    QCOMPARE(proxy.record(1).protocol, std::string("h2"));
}

void TestForwarding::passesChunkBeforeTheNextIsSent()
{
    simulator::Options options;
    options.tls = true;
    ProxyFixture proxy(options);
    RawClient client(proxy.port());
    client.send(
        postRequest("/v1/messages", R"({"model":"sim-chunks-5+gap-300","stream":true,"messages":[]})"));
    QVERIFY(client.waitFor("content_block_delta"));
    // The reply has not ended upstream, and what is to come has not come.
    QVERIFY(proxy.served.empty());
    QVERIFY(!client.received().contains("message_stop"));
    QVERIFY(client.waitFor("message_stop"));
    QVERIFY(client.waitFor("\r\n0\r\n\r\n"));
    QVERIFY(proxy.waitForServed(1));
    QVERIFY(proxy.served.front().completed);
}

void TestForwarding::recordsWhatHappened()
{
    ProxyFixture proxy;
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages?beta=true",
                            R"({"model":"sim-chunks-3+gap-50","stream":true,"messages":[]})",
                            "User-Agent: claude-cli/2.1.330 (external, cli)\r\n"));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 200);
    const metrics::RequestRecord record = proxy.record(1);
    QCOMPARE(record.tool, std::string("Claude Code"));
    QCOMPARE(record.method, std::string("POST"));
    QCOMPARE(record.path, std::string("/v1/messages"));
    QCOMPARE(record.provider, std::string("sim"));
    QCOMPARE(record.modelRequested, std::string("sim-chunks-3+gap-50"));
    QCOMPARE(record.modelServed, std::string("sim-chunks-3+gap-50"));
    QCOMPARE(record.status, 200);
    QCOMPARE(record.outcome, metrics::Outcome::Completed);
    QVERIFY(record.streamed);
    QVERIFY(record.usage.known);
    QVERIFY(record.usage.output > 0);
    QVERIFY(record.replyBytes > 0);
    QVERIFY(record.firstToken.has_value());
    QVERIFY(record.own > base::Duration::zero());
    QVERIFY(record.own < record.total);
    using profiling::Work;
    for (const Work work :
         {Work::Deciding, Work::Preparing, Work::Sending, Work::Head, Work::Answer, Work::Ending})
        QVERIFY2(record.timeline.own(work) > base::Duration::zero(), qPrintable(QString::number(int(work))));
    QVERIFY(record.pieceCount >= 3);
    QVERIFY(record.pieceMedian.has_value());
    using profiling::Stage;
    for (const Stage stage : {Stage::HeadBegan, Stage::HeadDone, Stage::Authorised, Stage::BodyDone,
                              Stage::Queued, Stage::LaneAcquired, Stage::RequestSent, Stage::ReplyBegan,
                              Stage::FirstChunk, Stage::FirstToken, Stage::ReplyEnded, Stage::Finished})
        QVERIFY2(record.timeline.at(stage), profiling::name(stage).data());
    QVERIFY(!record.timeline.at(Stage::BodyDecided)); // it streamed: no step wanted it
    QCOMPARE(proxy.host.liveFeed()->snapshot().requests, std::uint64_t(1));
}

void TestForwarding::addressesOneProviderByPath()
{
    ProxyFixture proxy({}, [](config::Config &config) {
        config::Provider other = config.providers.front();
        other.name = "other";
        other.anthropicBase += "/api/anthropic";
        other.openaiBase.clear();
        config.providers.push_back(other);
    });
    RawClient client(proxy.port());
    client.send(postRequest("/other/v1/messages?q=1", R"({"model":"sim-ok","messages":[]})"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QCOMPARE(proxy.arrived.front().target, QByteArray("/api/anthropic/v1/messages?q=1"));
    client.send(postRequest("/other/v1/chat/completions", "{}"));
    const QByteArray refused = client.takeResponse();
    QCOMPARE(statusOf(refused), 404);
    QVERIFY(refused.contains("openai_base"));
}

void TestForwarding::passesAChunkedBody()
{
    ProxyFixture proxy;
    RawClient client(proxy.port());
    const QByteArray body = R"({"model":"sim-ok","messages":[]})";
    QByteArray chunks;
    for (const char byte : body)
        chunks += QByteArray("1\r\n") + byte + "\r\n";
    client.send("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\n"
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
                chunks + "0\r\n\r\n");
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QCOMPARE(proxy.arrived.front().body, body);
}

void TestForwarding::answersContinueBeforeTheBody()
{
    ProxyFixture proxy;
    RawClient client(proxy.port());
    const QByteArray body = R"({"model":"sim-ok","messages":[]})";
    const QByteArray request = postRequest("/v1/messages", body, "Expect: 100-continue\r\n");
    client.send(request.left(request.size() - body.size()));
    QVERIFY(client.waitFor("HTTP/1.1 100 Continue\r\n\r\n"));
    client.send(body);
    QVERIFY(client.waitFor("HTTP/1.1 200 OK"));
}

void TestForwarding::answersPipelinedRequestsInOrder()
{
    ProxyFixture proxy;
    RawClient client(proxy.port());
    client.send(
        postRequest("/v1/messages/count_tokens", R"({"model":"sim-slow-first-byte-100","messages":[]})") +
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" +
        postRequest("/v1/embeddings", R"({"model":"sim-ok","input":"x"})") + "NOT HTTP\r\n\r\n");
    QVERIFY(client.takeResponse().contains("input_tokens"));
    QVERIFY(client.takeResponse().contains("\"status\":\"ok\""));
    QVERIFY(client.takeResponse().contains("embedding"));
    QCOMPARE(statusOf(client.takeResponse()), 400);
    QVERIFY(client.waitForClose());
    QCOMPARE(proxy.arrived.size(), std::size_t(2));
}

void TestForwarding::closesAfterAnHttp10Request()
{
    ProxyFixture proxy;
    RawClient client(proxy.port());
    client.send("GET /v1/models HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer t\r\n\r\n");
    QVERIFY(client.waitForClose());
    QCOMPARE(statusOf(client.received()), 200);
    QVERIFY(!client.received().toLower().contains("transfer-encoding"));
}

void TestForwarding::carriesABurst()
{
    // Claude Code's /context: 25 requests at once.
    simulator::Options options;
    options.tls = true;
    ProxyFixture proxy(options);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int count = 0; count < 25; ++count)
        clients.push_back(std::make_unique<RawClient>(proxy.port()));
    for (const auto &client : clients)
        client->send(postRequest("/v1/messages/count_tokens?beta=true",
                                 R"({"model":"sim-slow-first-byte-50","messages":[]})"));
    for (const auto &client : clients)
        QCOMPARE(statusOf(client->takeResponse()), 200);
    QCOMPARE(proxy.arrived.size(), std::size_t(25));
}

void TestForwarding::passesErrorsOn()
{
    ProxyFixture proxy;
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", R"({"model":"sim-error-429","messages":[]})"));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 429);
    QVERIFY(response.toLower().contains("retry-after: 1"));
    QVERIFY(response.toLower().contains("anthropic-ratelimit-"));
    QVERIFY(bodyOf(response).contains("rate_limit_error"));
    const metrics::RequestRecord record = proxy.record(1);
    QCOMPARE(record.outcome, metrics::Outcome::Completed);
    QVERIFY(record.isError());
}

void TestForwarding::passesALargeBodyBothWays()
{
    simulator::Options options;
    options.tls = true;
    ProxyFixture proxy(options);
    RawClient client(proxy.port());
    const QByteArray body =
        R"({"messages":[],"padding":")" + QByteArray(6'000'000, 'x') + R"(","model":"sim-bytes-5000000"})";
    client.send(postRequest("/v1/messages", body));
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 200);
    QVERIFY(response.size() > 5'000'000);
    QCOMPARE(proxy.arrived.front().body.size(), body.size());
    QCOMPARE(proxy.arrived.front().body, body);
}

QTEST_GUILESS_MAIN(TestForwarding)
#include "tst_forwarding.moc"
