// SPDX-License-Identifier: GPL-3.0-or-later
// auth = stored: the client shows an access key, the provider gets its own, and neither sees the other's.
#include "integration/access_keys.h"
#include "integration/proxy_fixture.h"
#include <map>
#include <QJsonDocument>
#include <QJsonObject>

using namespace weir;
using test::bodyOf;
using test::KeptUsage;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;
using test::storeKey;

namespace {

constexpr const char *Variable = "WEIR_TEST_PROVIDER_KEY";
const QByteArray Key = "sk-provider-0123456789abcdef";

void stored(config::Config &config)
{
    config.store.enabled = true;
    config.providers.front().auth = config::Auth::Stored;
    config.providers.front().keyEnv = Variable;
}

QByteArray request(const QByteArray &path, const QByteArray &body, const QByteArray &headers)
{
    return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + headers +
           "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

QByteArray bearer(const QByteArray &key)
{
    return "Authorization: Bearer " + key + "\r\n";
}

QByteArray ask(quint16 port, const QByteArray &path, const QByteArray &body, const QByteArray &headers)
{
    RawClient client(port);
    client.send(request(path, body, headers));
    return client.takeResponse();
}

const QByteArray Small = R"({"model":"sim-ok","max_tokens":5,"messages":[]})";

QByteArray codeOf(const QByteArray &response)
{
    return QJsonDocument::fromJson(bodyOf(response))[QLatin1String("error")][QLatin1String("code")]
        .toString()
        .toLatin1();
}

/// What the vault answers to one in this process.
pipeline::Answer askVault(engine::EngineHost &host, const char *method, const std::string &target,
                          const QByteArray &body)
{
    pipeline::Question question;
    question.desk = pipeline::Question::Desk::Vault;
    question.method = method;
    question.target = target;
    question.body = body;
    std::map<quint64, pipeline::Answer> answers;
    QObject context;
    QObject::connect(&host, &engine::EngineHost::answered, &context,
                     [&](quint64 of, const pipeline::Answer &answer) { answers.emplace(of, answer); });
    const quint64 id = host.ask(question);
    const bool came = QTest::qWaitFor([&] { return answers.contains(id); }, 10'000);
    return came ? answers.at(id) : base::unexpected(base::Errc::Internal, "no answer");
}

QByteArray putBody(const QByteArray &key)
{
    return R"({"secret":")" + key + R"(","place":"this_run"})";
}

} // namespace

class TestStoredMode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void sendsTheProvidersKeyOnly_data();
    void sendsTheProvidersKeyOnly();
    void refusesBeforeTheProviderIsAsked_data();
    void refusesBeforeTheProviderIsAsked();
    void asksForNoBodyOfAStranger();
    void tellsThatNoKeyIsStored();
    void takesANewKeyAtOnce();
    void keepsForTheNextEngine();
    void scrubsErrors_data();
    void scrubsErrors();
    void passesErrorsUnchangedInPassThrough();
    void neverSendsAnAccessKeyInPassThrough();
    void answersTheAdminOnly();

private:
    std::unique_ptr<KeptUsage> m_kept;
    QByteArray m_access;
};

void TestStoredMode::init()
{
    m_kept = std::make_unique<KeptUsage>();
    m_access = storeKey(*m_kept, "tool");
    QVERIFY(m_access.startsWith("weir_"));
    qputenv(Variable, Key);
}

void TestStoredMode::cleanup()
{
    qunsetenv(Variable);
}

void TestStoredMode::sendsTheProvidersKeyOnly_data()
{
    QTest::addColumn<bool>("isTls");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("shown");
    QTest::addColumn<QByteArray>("sent");
    for (const bool isTls : {false, true}) {
        const auto row = [isTls](const char *name, const char *path, const char *shown,
                                 const QByteArray &sent) {
            QTest::newRow(qPrintable(QLatin1String(isTls ? "TLS, " : "plain, ") + QLatin1String(name)))
                << isTls << QByteArray(path) << QByteArray(shown) << sent;
        };
        row("Anthropic, as x-api-key", "/v1/messages", "x-api-key: ", "x-api-key: " + Key);
        row("Anthropic, as Bearer", "/v1/messages", "Authorization: Bearer ", "x-api-key: " + Key);
        row("OpenAI, as Bearer", "/v1/chat/completions", "Authorization: Bearer ",
            "authorization: bearer " + Key);
        row("OpenAI, as x-api-key", "/v1/chat/completions", "x-api-key: ", "authorization: bearer " + Key);
        row("a provider that is named", "/sim/v1/embeddings", "Authorization: Bearer ",
            "authorization: bearer " + Key);
    }
}

void TestStoredMode::sendsTheProvidersKeyOnly()
{
    QFETCH(bool, isTls);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, shown);
    QFETCH(QByteArray, sent);
    simulator::Options options;
    options.tls = isTls;
    ProxyFixture proxy(options, stored);
    const QByteArray body = path.endsWith("embeddings") ? R"({"model":"m","input":"x"})" : Small;
    for (int at = 0; at < 2; ++at) { // from the store, then from memory
        const QByteArray response = ask(proxy.port(), path, body, shown + m_access + "\r\n");
        QVERIFY2(statusOf(response) == 200, response.constData());
        QVERIFY(!response.contains(Key) && !response.contains(m_access));
    }
    QCOMPARE(proxy.arrived.size(), std::size_t(2));
    for (const simulator::Arrived &arrived : proxy.arrived) {
        QCOMPARE(arrived.headers.count(Key), 1);
        QVERIFY2(arrived.headers.toLower().contains(sent + "\n") ||
                     arrived.headers.toLower().contains(sent.toLower() + "\n"),
                 arrived.headers.constData());
        QVERIFY(!arrived.headers.contains(m_access.mid(5)) && !arrived.body.contains(m_access.mid(5)));
    }
    QCOMPARE(proxy.record(2).keyLabel, std::string("tool"));
    QCOMPARE(proxy.record(2).caller, std::string());
}

void TestStoredMode::refusesBeforeTheProviderIsAsked_data()
{
    QTest::addColumn<QByteArray>("headers"); // KEY stands for the access key, PAUSED and OLD for others
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    const auto row = [](const char *name, const char *headers, int status, const char *code) {
        QTest::newRow(name) << QByteArray(headers) << status << QByteArray(code);
    };
    row("no key", "", 401, "no_access_key");
    row("an empty one", "Authorization: Bearer \r\n", 401, "no_access_key");
    row("in base64", "Authorization: Basic QkFTRTY0\r\n", 401, "unknown_key");
    row("an unknown key", "x-api-key: weir_0123456789012345678901234567890123456789012\r\n", 401,
        "unknown_key");
    row("one letter more", "x-api-key: KEYx\r\n", 401, "unknown_key");
    row("SQL", "x-api-key: ' OR '1'='1\r\n", 401, "unknown_key");
    row("the provider's own", "x-api-key: sk-provider-0123456789abcdef\r\n", 401, "unknown_key");
    row("two that are none", "x-api-key: one\r\nAuthorization: Bearer other\r\n", 401, "unknown_key");
    row("a paused one", "x-api-key: PAUSED\r\n", 403, "key_paused");
    row("an expired one", "x-api-key: OLD\r\n", 403, "key_expired");
}

void TestStoredMode::refusesBeforeTheProviderIsAsked()
{
    QFETCH(QByteArray, headers);
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    headers.replace("PAUSED", storeKey(*m_kept, "paused", [](keys::AccessKey &key) { key.isPaused = true; }));
    headers.replace("OLD", storeKey(*m_kept, "old", [](keys::AccessKey &key) { key.expiresAt = 1; }));
    headers.replace("KEY", m_access);
    ProxyFixture proxy({}, stored);
    for (int at = 0; at < 2; ++at) {
        const QByteArray response = ask(proxy.port(), "/v1/chat/completions", Small, headers);
        QCOMPARE(statusOf(response), status);
        QCOMPARE(codeOf(response), code);
        QVERIFY(!response.contains(Key) && !response.contains(m_access));
    }
    QVERIFY(statusOf(ask(proxy.port(), "/v1/messages", Small, "x-api-key: " + m_access + "\r\n")) == 200);
    QCOMPARE(proxy.arrived.size(), std::size_t(1)); // that one alone
}

void TestStoredMode::asksForNoBodyOfAStranger()
{
    ProxyFixture proxy({}, stored);
    for (const QByteArray &key : {QByteArray("weir_unknown"), QByteArray()}) {
        RawClient client(proxy.port());
        client.send("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    "Expect: 100-continue\r\nContent-Length: 1000\r\n" +
                    (key.isEmpty() ? QByteArray() : bearer(key)) + "\r\n");
        QVERIFY(client.waitFor("\r\n\r\n"));
        QVERIFY2(client.received().startsWith("HTTP/1.1 401 "), client.received().constData());
        QVERIFY(!client.received().contains("100 Continue"));
    }
    RawClient known(proxy.port());
    known.send("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
               "Expect: 100-continue\r\nContent-Length: 47\r\n" +
               bearer(m_access) + "\r\n");
    QVERIFY(known.waitFor("HTTP/1.1 100 Continue\r\n\r\n")); // the store was asked meanwhile
    known.send(Small);
    QVERIFY(known.waitFor("HTTP/1.1 200 "));
    QCOMPARE(proxy.arrived.size(), std::size_t(1));
}

void TestStoredMode::tellsThatNoKeyIsStored()
{
    qunsetenv(Variable);
    ProxyFixture proxy({}, stored);
    const QByteArray response = ask(proxy.port(), "/v1/chat/completions", Small, bearer(m_access));
    QCOMPARE(statusOf(response), 503);
    QCOMPARE(codeOf(response), QByteArray("no_provider_secret"));
    QVERIFY2(response.contains(Variable) && response.contains("Retry-After: "), response.constData());
    QVERIFY(proxy.arrived.empty());
    // From a moment to the next.
    QVERIFY(askVault(proxy.host, "PUT", "/admin/providers/sim/secret", putBody(Key)));
    QCOMPARE(statusOf(ask(proxy.port(), "/v1/messages", Small, bearer(m_access))), 200);
    QVERIFY(askVault(proxy.host, "DELETE", "/admin/providers/sim/secret", {}));
    QCOMPARE(statusOf(ask(proxy.port(), "/v1/messages", Small, bearer(m_access))), 503);
    QCOMPARE(proxy.arrived.size(), std::size_t(1));
}

void TestStoredMode::takesANewKeyAtOnce()
{
    ProxyFixture proxy({}, stored);
    RawClient running(proxy.port());
    running.send(request("/v1/messages",
                         R"({"model":"sim-chunks-40+gap-20","stream":true,"max_tokens":5,"messages":[]})",
                         bearer(m_access)));
    QVERIFY(running.waitFor("content_block_delta"));
    for (int round = 0; round < 5; ++round) {
        const QByteArray key = "sk-replaced-" + QByteArray::number(round) + "-0123456789";
        QVERIFY(askVault(proxy.host, "PUT", "/admin/providers/sim/secret", putBody(key)));
        QCOMPARE(statusOf(ask(proxy.port(), "/v1/messages", Small, bearer(m_access))), 200);
        QTRY_COMPARE(proxy.arrived.size(), std::size_t(round + 2));
        QVERIFY(proxy.arrived.back().headers.contains("x-api-key: " + key + "\n"));
        QVERIFY(!proxy.arrived.back().headers.contains(Key));
    }
    QVERIFY(running.waitFor("message_stop")); // what ran went on with the key it had
}

void TestStoredMode::keepsForTheNextEngine()
{
    ProxyFixture proxy({}, stored);
    const QByteArray key = "sk-for-this-run-0123456789";
    QVERIFY(askVault(proxy.host, "PUT", "/admin/providers/sim/secret", putBody(key)));
    proxy.host.stop();
    QTRY_COMPARE(proxy.host.state(), engine::EngineHost::State::Stopped);
    proxy.host.start(std::make_shared<const config::Config>(proxy.host.config()));
    QTRY_COMPARE(proxy.host.state(), engine::EngineHost::State::Running);
    QTRY_COMPARE(statusOf(ask(proxy.port(), "/v1/messages", Small, bearer(m_access))), 200);
    QVERIFY(proxy.arrived.back().headers.contains("x-api-key: " + key + "\n"));
}

void TestStoredMode::scrubsErrors_data()
{
    QTest::addColumn<bool>("isTls");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("status");
    for (const bool isTls : {false, true}) {
        for (const int status : {400, 401, 403, 404, 422, 429, 500, 529}) {
            for (const char *path : {"/v1/messages", "/v1/chat/completions"}) {
                QTest::addRow("%s %d %s", path, status, isTls ? "TLS" : "plain")
                    << isTls << QByteArray(path) << status;
            }
        }
    }
}

void TestStoredMode::scrubsErrors()
{
    QFETCH(bool, isTls);
    QFETCH(QByteArray, path);
    QFETCH(int, status);
    simulator::Options options;
    options.tls = isTls;
    ProxyFixture proxy(options, stored);
    const QByteArray body = R"({"model":"sim-error-)" + QByteArray::number(status) +
                            R"(+echo-key","max_tokens":5,"messages":[]})";
    const QByteArray response = ask(proxy.port(), path, body, bearer(m_access));
    QCOMPARE(statusOf(response), status);
    QVERIFY2(!response.contains(Key), response.constData());
    QVERIFY2(response.contains("You have sent " + QByteArray(Key.size(), '*')), response.constData());
    QVERIFY(QJsonDocument::fromJson(bodyOf(response)).isObject());
    QVERIFY(proxy.arrived.front().headers.contains(Key)); // it was there to be quoted
    proxy.record(1);
    QTRY_COMPARE(proxy.host.saving().written, std::int64_t(1));
    QVERIFY(!m_kept->bytes().contains(Key));
}

void TestStoredMode::passesErrorsUnchangedInPassThrough()
{
    ProxyFixture proxy({}, [](config::Config &config) { config.store.enabled = true; });
    const QByteArray own = "sk-the-clients-own-0123456789";
    const QByteArray response =
        ask(proxy.port(), "/v1/messages",
            R"({"model":"sim-error-401+echo-key","max_tokens":5,"messages":[]})", bearer(own));
    QCOMPARE(statusOf(response), 401);
    QVERIFY(response.contains("You have sent " + own));
}

void TestStoredMode::neverSendsAnAccessKeyInPassThrough()
{
    ProxyFixture proxy({}, [](config::Config &config) { config.store.enabled = true; });
    const QByteArray response = ask(proxy.port(), "/v1/chat/completions", Small, bearer(m_access));
    QCOMPARE(statusOf(response), 403);
    QCOMPARE(codeOf(response), QByteArray("access_key_not_forwarded"));
    QVERIFY(proxy.arrived.empty());
}

void TestStoredMode::answersTheAdminOnly()
{
    ProxyFixture proxy({}, stored);
    QTRY_VERIFY(m_kept->admin());
    const QByteArray token = m_kept->admin()->token;
    const auto get = [&](const QByteArray &key, const QByteArray &extra = {}) {
        RawClient client(proxy.port());
        client.send("GET /admin/providers HTTP/1.1\r\nHost: 127.0.0.1\r\n" + bearer(key) + extra + "\r\n");
        return client.takeResponse();
    };
    QCOMPARE(statusOf(get(m_access)), 401); // a tool's key opens no page of the admin's
    QCOMPARE(statusOf(get(Key)), 401);
    QCOMPARE(statusOf(get(token, "Origin: https://evil.example\r\n")), 403);
    const QByteArray listed = get(token);
    QCOMPARE(statusOf(listed), 200);
    QVERIFY2(listed.contains(R"("place":"environment")") && listed.contains(R"("ends_with":"cdef")"),
             listed.constData());
    QVERIFY(!listed.contains(Key));
    const QByteArray tested = ask(proxy.port(), "/admin/providers/sim/test", "{}", bearer(token));
    QCOMPARE(bodyOf(tested), QByteArray(R"({"reason":"the provider takes the key","works":true})"));
    QTRY_COMPARE(proxy.arrived.size(), std::size_t(1));
    QVERIFY(proxy.arrived.front().target.endsWith("/v1/models"));
    QVERIFY(proxy.arrived.front().headers.contains("Bearer " + Key));
    QCOMPARE(statusOf(ask(proxy.port(), "/admin/providers/sim/secret", "{}", bearer(token))), 405);
}

QTEST_GUILESS_MAIN(TestStoredMode)
#include "tst_stored_mode.moc"
