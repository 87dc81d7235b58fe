// SPDX-License-Identifier: GPL-3.0-or-later
// What Weir refuses by itself: the status, the sentence, and that nothing reached the upstream.
#include "integration/proxy_fixture.h"

#include <QTcpServer>

using namespace weir;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

class TestRefusals : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void refuses_data();
    void refuses();
    void closesOnWhoIsNotMeantToBeHere_data();
    void closesOnWhoIsNotMeantToBeHere();
    void answersHeadWithoutABody_data();
    void answersHeadWithoutABody();
    void servesOwnPages();
    void speaksTheClientsDialect();
    void refusesABodyAboveTheLimit();
    void refusesAChunkedBodyAboveHold();
    void refusesWhatIsTooSlow();
    void refusesOneConnectionTooMany();
    void anIdleConnectionMakesRoom();
    void refusesOneExchangeTooMany();
    void failsOnAUsedPort();
    void failsOnABadCaFile();

private:
    std::unique_ptr<ProxyFixture> m_proxy;
};

void TestRefusals::initTestCase()
{
    m_proxy = std::make_unique<ProxyFixture>();
    QVERIFY(m_proxy->port() != 0);
}

void TestRefusals::refuses_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("says");

    const auto get = [](const QByteArray &path, const QByteArray &headers) {
        return "GET " + path + " HTTP/1.1\r\n" + headers + "\r\n";
    };
    const QByteArray host = "Host: 127.0.0.1\r\n";
    const QByteArray key = "x-api-key: k\r\n";
    const auto row = [](const char *name, const QByteArray &request, int status, const QByteArray &says) {
        QTest::newRow(name) << request << status << says;
    };
    row("no credential", get("/v1/models", host), 401, "x-api-key");
    row("empty bearer", get("/v1/models", host + "Authorization: Bearer \r\n"), 401, "no API key");
    row("a scheme is no key", get("/v1/models", host + "Authorization: Bearer\r\n"), 401, "no API key");
    row("unknown path lists what exists", get("/nothing", host + key), 404, "/v1/messages");
    row("no page", get("/nothing", host + key), 404, "/health");
    row("doubled version names the setting", get("/v1/v1/models", host + key), 404, "ANTHROPIC_BASE_URL");
    row("doubled version of a provider", get("/sim/v1/v1/models", host + key), 404, "base URL");
    row("unknown provider lists the known", get("/nobody/v1/models", host + key), 404, "sim");
    row("wrong method on a page", "POST /health HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", 405,
        "GET");
    row("foreign host", get("/v1/models", "Host: evil.example\r\n" + key), 421, "127.0.0.1");
    row("empty host", get("/v1/models", "Host: \r\n" + key), 421, "Host");
    row("host with port 0", get("/v1/models", "Host: 127.0.0.1:0\r\n" + key), 421, "Host");
    row("host with a port too large", get("/v1/models", "Host: 127.0.0.1:65536\r\n" + key), 421, "Host");
    row("host with zeros in its port", get("/v1/models", "Host: 127.0.0.1:080\r\n" + key), 421, "Host");
    row("host with half a port", get("/v1/models", "Host: 127.0.0.1:\r\n" + key), 421, "Host");
    row("port only", get("/v1/models", "Host: :" + QByteArray::number(m_proxy->port()) + "\r\n" + key), 421,
        "Host");
    row("loopback as a prefix", get("/v1/models", "Host: 127.0.0.1.evil.example\r\n" + key), 421, "Host");
    row("decimal address", get("/v1/models", "Host: 2130706433\r\n" + key), 421, "Host");
    row("dot at the end", get("/v1/models", "Host: localhost.\r\n" + key), 421, "Host");
    row("user info", get("/v1/models", "Host: a@127.0.0.1\r\n" + key), 421, "Host");
    row("host is checked before the path", get("/health", "Host: evil.example\r\n"), 421, "Host");
    row("origin", get("/v1/models", host + key + "Origin: https://evil.example\r\n"), 403, "Origin");
    row("null origin", get("/health", host + "Origin: null\r\n"), 403, "Origin");
    row("cross-site", get("/v1/models", host + key + "Sec-Fetch-Site: cross-site\r\n"), 403,
        "Sec-Fetch-Site");
    row("text/plain",
        "POST /v1/messages HTTP/1.1\r\n" + host + key +
            "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
        415, "application/json");
    row("no content type", "POST /v1/messages HTTP/1.1\r\n" + host + key + "Content-Length: 2\r\n\r\n{}", 415,
        "application/json");
    row("dot segments", get("/v1/../admin", host + key), 400, "path");
    row("encoded dot segments", get("/v1/%2e%2E/admin", host + key), 400, "path");
    row("dot segments behind an encoded slash", get("/v1/models/..%2f..%2fadmin", host + key), 400,
        "path_not_allowed");
    row("dot segments with parameters", get("/v1/..;/admin", host + key), 400, "path_not_allowed");
    row("encoded NUL", get("/v1/models/a%00b", host + key), 400, "path_not_allowed");
    row("both lengths",
        "POST /v1/messages HTTP/1.1\r\n" + host + key +
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400, "HTTP/1.1");
    row("no host", get("/v1/models", key), 400, "Host");
    row("foreign absolute target", get("http://evil.example/v1/models", host + key), 421, "Host");
    row("CONNECT", "CONNECT x:443 HTTP/1.1\r\n" + host + "\r\n", 405, "CONNECT");
    row("TRACE", "TRACE /v1/models HTTP/1.1\r\n" + host + key + "\r\n", 405, "TRACE");
    row("TLS on the port", QByteArray::fromHex("160301020001000001fc0303"), 400, "HTTP/1.1");
    row("long target", get("/v1/" + QByteArray(9000, 'a'), host + key), 414, "8192");
    row("large head", get("/v1/models", host + key + "X: " + QByteArray(66'000, 'a') + "\r\n"), 431, "65536");
    row("announced too much",
        "POST /v1/messages HTTP/1.1\r\n" + host + key +
            "Content-Type: application/json\r\nContent-Length: 1099511627776\r\n\r\n",
        413, "limits.body_max");
    row("strange expectation",
        "POST /v1/messages HTTP/1.1\r\n" + host + key + "Expect: nonsense\r\nContent-Length: 2\r\n\r\n", 417,
        "100-continue");
}

void TestRefusals::refuses()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    QFETCH(QByteArray, says);
    RawClient client(m_proxy->port());
    client.send(request);
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), status);
    QVERIFY2(response.contains(says), response.constData());
    QVERIFY(response.contains("application/json"));
    QVERIFY(!response.toLower().contains("access-control-"));
    QCOMPARE(m_proxy->arrived.size(), std::size_t(0));
}

void TestRefusals::closesOnWhoIsNotMeantToBeHere_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("closes");
    const auto row = [](const char *name, const QByteArray &request, int status, bool closes) {
        QTest::newRow(name) << request << status << closes;
    };
    const QByteArray models = "GET /v1/models HTTP/1.1\r\n";
    row("foreign host", models + "Host: evil.example\r\n\r\n", 421, true);
    row("web page", models + "Host: localhost\r\nOrigin: https://evil.example\r\n\r\n", 403, true);
    row("cross-site", models + "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n", 403, true);
    row("no key", models + "Host: localhost\r\n\r\n", 401, true);
    row("unknown path", "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, false);
    row("a provider's 401", postRequest("/v1/messages", R"({"model":"sim-error-401","messages":[]})"), 401,
        false);
    row("a provider's 403", postRequest("/v1/messages", R"({"model":"sim-error-403","messages":[]})"), 403,
        false);
}

void TestRefusals::closesOnWhoIsNotMeantToBeHere()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    QFETCH(bool, closes);
    ProxyFixture proxy;
    RawClient client(proxy.port());
    client.send(request + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), status);
    QCOMPARE(response.contains("Connection: close\r\n"), closes);
    if (closes) {
        QVERIFY(client.waitForClose());
        QVERIFY(client.received().isEmpty());
    } else {
        QCOMPARE(statusOf(client.takeResponse()), 200);
    }
}

void TestRefusals::answersHeadWithoutABody_data()
{
    QTest::addColumn<QByteArray>("rest");
    QTest::addColumn<int>("status");
    QTest::newRow("foreign host") << QByteArray("/health HTTP/1.1\r\nHost: evil.example\r\n") << 421;
    QTest::newRow("no host") << QByteArray("/health HTTP/1.1\r\n") << 400;
    QTest::newRow("no key") << QByteArray("/v1/models HTTP/1.1\r\nHost: localhost\r\n") << 401;
    QTest::newRow("unknown path") << QByteArray("/nothing HTTP/1.1\r\nHost: localhost\r\n") << 404;
    QTest::newRow("too large a body")
        << QByteArray("/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n") << 413;
    QTest::newRow("large head") << "/health HTTP/1.1\r\nHost: localhost\r\nX: " + QByteArray(66'000, 'a') +
                                       "\r\n"
                                << 431;
}

void TestRefusals::answersHeadWithoutABody()
{
    QFETCH(QByteArray, rest);
    QFETCH(int, status);
    RawClient client(m_proxy->port());
    client.send("HEAD " + rest + "Connection: close\r\n\r\n");
    QVERIFY(client.waitForClose());
    QCOMPARE(statusOf(client.received()), status);
    QVERIFY2(client.received().endsWith("\r\n\r\n"), client.received().constData());
}

void TestRefusals::servesOwnPages()
{
    RawClient client(m_proxy->port());
    client.send("GET /health HTTP/1.1\r\nHost: localhost:" + QByteArray::number(m_proxy->port()) +
                "\r\n\r\n");
    const QByteArray health = client.takeResponse();
    QCOMPARE(statusOf(health), 200);
    QVERIFY(health.contains("{\"status\":\"ok\",\"timestamp\":\""));
    client.send("HEAD /api/hello HTTP/1.1\r\nHost: [::1]\r\n\r\n");
    QCOMPARE(statusOf(client.takeResponse()), 200);
}

void TestRefusals::speaksTheClientsDialect()
{
    RawClient client(m_proxy->port());
    client.send("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    QVERIFY(client.takeResponse().contains("\"type\":\"error\""));
    RawClient other(m_proxy->port());
    other.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    const QByteArray response = other.takeResponse();
    QVERIFY(response.contains("\"code\":\"no_credential\""));
    QVERIFY(!response.contains("\"type\":\"error\""));
}

void TestRefusals::refusesABodyAboveTheLimit()
{
    ProxyFixture proxy({}, [](config::Config &config) { config.limits.bodyMax = 100'000; });
    RawClient client(proxy.port());
    client.send(
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: k\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n");
    for (int count = 0; count < 11; ++count)
        client.send("2710\r\n" + QByteArray(10'000, 'a') + "\r\n");
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 413);
    QVERIFY(response.contains("request_too_large"));
    QVERIFY(client.waitForClose());
    QCOMPARE(proxy.arrived.size(), std::size_t(0));
}

void TestRefusals::refusesAChunkedBodyAboveHold()
{
    // A direct lane would send it on as it comes; QNetworkAccessManager wants to know its size first.
    ProxyFixture proxy({}, [](config::Config &config) {
        config.limits.bodyHold = 20'000;
        config.providers.front().transport = config::Transport::Qnam;
    });
    RawClient client(proxy.port());
    client.send(
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: k\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n");
    for (int count = 0; count < 3; ++count)
        client.send("2710\r\n" + QByteArray(10'000, 'a') + "\r\n");
    const QByteArray response = client.takeResponse();
    QCOMPARE(statusOf(response), 413);
    QVERIFY(response.contains("limits.body_hold"));
    QCOMPARE(proxy.arrived.size(), std::size_t(0));
}

void TestRefusals::refusesWhatIsTooSlow()
{
    ProxyFixture proxy({}, [](config::Config &config) {
        config.timeouts.headMs = 300;
        config.timeouts.bodyIdleMs = 300;
        config.timeouts.keepaliveMs = 300;
    });
    RawClient slowHead(proxy.port());
    slowHead.send("GET /health HT");
    QCOMPARE(statusOf(slowHead.takeResponse()), 408);
    RawClient slowBody(proxy.port());
    slowBody.send(
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: k\r\nContent-Type: application/json\r\n"
        "Content-Length: 50\r\n\r\n{");
    QCOMPARE(statusOf(slowBody.takeResponse()), 408);
    QVERIFY(slowBody.waitForClose());
    RawClient silent(proxy.port());
    QVERIFY(silent.waitForClose());
    QVERIFY(silent.received().isEmpty());
}

void TestRefusals::refusesOneConnectionTooMany()
{
    ProxyFixture proxy({}, [](config::Config &config) { config.listen.connectionsMax = 2; });
    RawClient first(proxy.port());
    RawClient second(proxy.port());
    first.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    second.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    QCOMPARE(statusOf(first.takeResponse()), 200);
    QCOMPARE(statusOf(second.takeResponse()), 200);
    RawClient third(proxy.port());
    const QByteArray response = third.takeResponse();
    QCOMPARE(statusOf(response), 503);
    QVERIFY(response.contains("listen.connections_max"));
    first.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    QCOMPARE(statusOf(first.takeResponse()), 200);
}

void TestRefusals::anIdleConnectionMakesRoom()
{
    ProxyFixture proxy({}, [](config::Config &config) {
        config.listen.connectionsMax = 1;
        config.listen.idleGraceMs = 10;
    });
    RawClient idle(proxy.port());
    const auto isServed = [&proxy] {
        RawClient client(proxy.port());
        client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return statusOf(client.takeResponse()) == 200;
    };
    QVERIFY(QTest::qWaitFor(isServed, 5'000)); // once: who is served stays, and is not idle at once
    QVERIFY(idle.waitForClose());
}

void TestRefusals::refusesOneExchangeTooMany()
{
    ProxyFixture proxy({}, [](config::Config &config) { config.limits.exchangesMax = 1; });
    RawClient first(proxy.port());
    first.send(postRequest("/v1/messages", R"({"model":"sim-slow-first-byte-500","messages":[]})"));
    QTRY_COMPARE(proxy.arrived.size(), std::size_t(1));
    RawClient second(proxy.port());
    second.send(postRequest("/v1/messages", R"({"model":"sim-ok","messages":[]})"));
    const QByteArray response = second.takeResponse();
    QCOMPARE(statusOf(response), 503);
    QVERIFY(response.contains("limits.exchanges_max"));
    QVERIFY(response.contains("Retry-After"));
    QCOMPARE(statusOf(first.takeResponse()), 200);
}

void TestRefusals::failsOnAUsedPort()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost, 0));
    ProxyFixture proxy({}, [&](config::Config &config) { config.listen.port = other.serverPort(); });
    QCOMPARE(proxy.host.state(), engine::EngineHost::State::Stopped);
    QCOMPARE(proxy.host.lastError().code, base::Errc::AddressInUse);
}

void TestRefusals::failsOnABadCaFile()
{
    ProxyFixture proxy(
        {}, [](config::Config &config) { config.providers.front().caFile = "/does/not/exist.pem"; });
    QCOMPARE(proxy.host.state(), engine::EngineHost::State::Stopped);
    QCOMPARE(proxy.host.lastError().code, base::Errc::FileUnreadable);
}

QTEST_GUILESS_MAIN(TestRefusals)
#include "tst_refusals.moc"
