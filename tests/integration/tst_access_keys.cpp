// SPDX-License-Identifier: GPL-3.0-or-later
// Who may come with an access key, and what the key's owner has decided about its requests.
#include "integration/limits_fixture.h"
#include "pipeline/key_ring.h"

using namespace weir;
using test::ask;
using test::body;
using test::keepKeys;
using test::KeptKey;
using test::KeptUsage;
using test::ProxyFixture;
using test::putKey;
using test::RawClient;
using test::statusOf;

namespace {

KeptKey putAllowed(const KeptUsage &kept, std::vector<std::string> models)
{
    keys::AccessKey key;
    key.allowedModels = std::move(models);
    return putKey(kept, "picky", std::move(key));
}

KeptKey unknown(const QByteArray &text)
{
    return {0, "weir_" + text};
}

} // namespace

class TestAccessKeys : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesWhoMayNot();
    void holdsToTheAllowedModels_data();
    void holdsToTheAllowedModels();
    void refusesLargeBodiesWhereModelsAreRestricted();
    void refusesADoubtfulModel_data();
    void refusesADoubtfulModel();
    void refusesPathsWhereTheModelIsNotRead();
    void putsTheKeysModelInPlace();
    void ranksByTheKey();
    void servesGoodKeysWhileOthersGuess();
    void recordsTheKey();
};

void TestAccessKeys::refusesWhoMayNot()
{
    const KeptUsage kept;
    keys::AccessKey wanted;
    wanted.isPaused = true;
    const KeptKey paused = putKey(kept, "paused", wanted);
    wanted = {};
    wanted.expiresAt = base::SystemClock().wallNow() - 1;
    const KeptKey expired = putKey(kept, "expired", wanted);
    wanted.expiresAt = base::SystemClock().wallNow() + 3'600'000;
    const KeptKey good = putKey(kept, "good", wanted);
    ProxyFixture proxy({}, keepKeys);
    const auto post = [&](const KeptKey &key) {
        return ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 5)));
    };
    QCOMPARE(statusOf(post(unknown("wrong"))), 401);
    QCOMPARE(statusOf(post(paused)), 403);
    QVERIFY(post(paused).contains("paused"));
    QCOMPARE(statusOf(post(expired)), 403);
    QVERIFY(post(expired).contains("expired"));
    QVERIFY(proxy.arrived.empty());
    QCOMPARE(statusOf(post(good)), 200);
    QVERIFY(!proxy.arrived.back().headers.contains(good.text)); // it is Weir's
}

void TestAccessKeys::holdsToTheAllowedModels_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<bool>("passes");
    const auto row = [](const char *name, const QByteArray &request, bool passes) {
        QTest::newRow(name) << request << passes;
    };
    row("one of them", body("sim-ok", 5), true);
    row("by a pattern", body("sim-chunks-3", 5), true);
    row("another", body("sim-bytes-9", 5), false);
    row("none", R"({"max_tokens":5,"messages":[]})", false);
    row("no text", R"({"model":["sim-ok"],"max_tokens":5,"messages":[]})", false);
    row("what is sent in the end counts", body("renamed", 5), true);
    row("and not what was asked for", body("sim-chunks-leave", 5), false);
    row("no object", R"(["sim-ok"])", false);
    row("no JSON", R"({"model":"sim-ok")", false);
}

void TestAccessKeys::holdsToTheAllowedModels()
{
    QFETCH(QByteArray, request);
    QFETCH(bool, passes);
    const KeptUsage kept;
    const KeptKey key = putAllowed(kept, {"sim-ok", "sim-chunks-*"});
    ProxyFixture proxy({}, [](config::Config &config) {
        keepKeys(config);
        config.aliases = {{"renamed", "sim-ok", ""}, {"sim-chunks-leave", "sim-bytes-9", ""}};
    });
    const QByteArray reply = ask(proxy.port(), key.post("/v1/messages", request));
    QCOMPARE(proxy.arrived.size(), std::size_t(passes));
    if (passes) {
        QCOMPARE(statusOf(reply), 200);
    } else if (request.endsWith('}') || request.endsWith(']')) {
        QCOMPARE(statusOf(reply), 403);
        QVERIFY2(reply.contains("allowed: sim-ok, sim-chunks-*"), reply.constData());
    } else {
        QCOMPARE(statusOf(reply), 400);
    }
}

void TestAccessKeys::refusesLargeBodiesWhereModelsAreRestricted()
{
    const KeptUsage kept;
    const KeptKey allowed = putAllowed(kept, {"sim-ok"});
    keys::AccessKey wanted;
    wanted.model = "sim-ok";
    const KeptKey fixed = putKey(kept, "fixed", wanted);
    ProxyFixture proxy({}, [](config::Config &config) {
        keepKeys(config);
        config.limits.bodyHold = 1000;
    });
    const QByteArray request = R"({"model":"sim-ok","messages":[")" + QByteArray(2000, 'x') + R"("]})";
    for (const KeptKey *key : {&allowed, &fixed}) {
        const QByteArray reply = ask(proxy.port(), key->post("/v1/messages", request));
        QCOMPARE(statusOf(reply), 413);
        QVERIFY2(reply.contains("limits.body_hold"), reply.constData());
    }
    QVERIFY(proxy.arrived.empty());
}

void TestAccessKeys::refusesADoubtfulModel_data()
{
    QTest::addColumn<QByteArray>("body");
    for (const char *body : {R"({"model":"sim-ok","model":"sim-x","max_tokens":1,"messages":[]})",
                             R"({"model":"sim-x","model":"sim-ok","max_tokens":1,"messages":[]})",
                             R"({"model":"sim-ok","Model":"sim-x","max_tokens":1,"messages":[]})",
                             R"({"MODEL":"sim-x","max_tokens":1,"model":"sim-ok","messages":[]})",
                             R"({"model":"sim-ok","models":["sim-x"],"max_tokens":1,"messages":[]})"})
        QTest::newRow(body) << QByteArray(body);
}

void TestAccessKeys::refusesADoubtfulModel()
{
    QFETCH(QByteArray, body);
    const KeptUsage kept;
    const KeptKey allowed = putAllowed(kept, {"sim-ok"});
    keys::AccessKey wanted;
    wanted.model = "sim-ok";
    const KeptKey fixed = putKey(kept, "fixed", wanted);
    const KeptKey any = putKey(kept, "any", keys::AccessKey{});
    ProxyFixture proxy({}, keepKeys);
    for (const KeptKey *key : {&allowed, &fixed}) {
        const QByteArray reply = ask(proxy.port(), key->post("/v1/messages", body));
        QCOMPARE(statusOf(reply), 403);
        QVERIFY2(reply.contains("the body has"), reply.constData());
    }
    QVERIFY(proxy.arrived.empty());
    std::ignore = ask(proxy.port(), any.post("/v1/messages", body)); // the provider's to judge
    QCOMPARE(proxy.arrived.size(), std::size_t(1));
}

void TestAccessKeys::refusesPathsWhereTheModelIsNotRead()
{
    const KeptUsage kept;
    const KeptKey key = putAllowed(kept, {"sim-ok"});
    ProxyFixture proxy({}, keepKeys);
    const QByteArray batch = key.post("/v1/messages/batches", R"({"requests":[]})");
    QCOMPARE(statusOf(ask(proxy.port(), batch)), 403);
    QVERIFY(proxy.arrived.empty());
    const QByteArray list = "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n" + key.header() + "\r\n";
    QCOMPARE(statusOf(ask(proxy.port(), list)), 200);
}

void TestAccessKeys::putsTheKeysModelInPlace()
{
    const KeptUsage kept;
    keys::AccessKey wanted;
    wanted.model = "sim-ok";
    const KeptKey key = putKey(kept, "fixed", wanted);
    wanted.model = "short";
    const KeptKey alias = putKey(kept, "by alias", wanted);
    ProxyFixture proxy({}, [](config::Config &config) {
        keepKeys(config);
        config.aliases = {{"short", "sim-chunks-2", ""}};
    });
    const auto sent = [&](const KeptKey &with, const QByteArray &request) {
        const QByteArray reply = ask(proxy.port(), with.post("/v1/messages", request));
        return statusOf(reply) == 200 ? proxy.arrived.back().body : reply;
    };
    QCOMPARE(sent(key, body("claude", 5)), body("sim-ok", 5));
    QCOMPARE(sent(key, R"({"max_tokens":5,"messages":[]})"),
             QByteArray(R"({"model":"sim-ok","max_tokens":5,"messages":[]})"));
    QCOMPARE(sent(alias, body("claude", 5)), body("sim-chunks-2", 5));
    const metrics::RequestRecord record = proxy.record(1);
    QCOMPARE(record.modelRequested, std::string("claude"));
    QCOMPARE(record.modelSent, std::string("sim-ok"));
}

void TestAccessKeys::ranksByTheKey()
{
    const KeptUsage kept;
    keys::AccessKey wanted;
    wanted.isBackground = true;
    const KeptKey background = putKey(kept, "background", wanted);
    const KeptKey plain = putKey(kept, "plain", keys::AccessKey{});
    // One call at a time: who waits shows who goes first.
    ProxyFixture proxy({}, [](config::Config &config) {
        keepKeys(config);
        config.pool.min = config.pool.max = config.pool.maxHttp1 = 1;
    });
    RawClient first(proxy.port());
    first.send(plain.post("/v1/messages", body("sim-slow-first-byte-400", 1)));
    QTRY_COMPARE(proxy.arrived.size(), std::size_t(1));
    RawClient second(proxy.port());
    RawClient third(proxy.port());
    RawClient fourth(proxy.port());
    const auto waiting = [&] {
        const auto &pools = proxy.host.liveFeed()->snapshot().pools;
        return pools.empty() ? 0 : pools.front().waiting;
    };
    second.send(background.post("/v1/messages", body("sim-ok", 2)));
    QTRY_COMPARE(waiting(), 1);
    third.send(plain.post("/v1/messages", body("sim-ok", 3)));
    fourth.send(background.post("/v1/messages", body("sim-ok", 4), "X-Weir-Priority: interactive\r\n"));
    for (RawClient *client : {&first, &second, &third, &fourth})
        QCOMPARE(statusOf(client->takeResponse()), 200);
    QCOMPARE(proxy.arrived.size(), std::size_t(4));
    QVERIFY(proxy.arrived[3].body.contains(R"("max_tokens":2)")); // the only one in the background
}

void TestAccessKeys::servesGoodKeysWhileOthersGuess()
{
    const KeptUsage kept;
    const KeptKey good = putKey(kept, "good", keys::AccessKey{});
    ProxyFixture proxy({}, [](config::Config &config) {
        keepKeys(config);
        config.keys.cacheSize = 100;
    });
    constexpr int Guesses = 10'000;
    RawClient guesser(proxy.port());
    int refused = 0;
    int braked = 0;
    for (int guess = 0; guess < Guesses;) {
        QByteArray many;
        const int batch = 200;
        for (int at = 0; at < batch; ++at, ++guess) {
            many += "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
                    unknown("guess-" + QByteArray::number(guess)).header() + "\r\n";
        }
        guesser.send(many);
        RawClient client(proxy.port());
        client.send(good.post("/v1/messages", body("sim-ok", 5)));
        QCOMPARE(statusOf(client.takeResponse()), 200);
        for (int at = 0; at < batch; ++at) {
            const QByteArray reply = guesser.takeResponse();
            refused += statusOf(reply) == 401;
            braked += statusOf(reply) == 429;
        }
    }
    QCOMPARE(refused + braked, Guesses);
    QVERIFY(refused >= int(pipeline::KeyRing::GuessesMax));
    QVERIFY(braked > Guesses / 2);
    QCOMPARE(proxy.arrived.size(), std::size_t(Guesses / 200));
}

void TestAccessKeys::recordsTheKey()
{
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "laptop", keys::AccessKey{});
    ProxyFixture proxy({}, keepKeys);
    const QByteArray reply = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 5)));
    const metrics::RequestRecord record = proxy.record(1);
    QCOMPARE(record.keyId, key.id);
    QCOMPARE(record.keyLabel, std::string("laptop"));
    QCOMPARE(record.charged, test::billed(reply)); // counted without a limit, too
    QCOMPARE(test::account(proxy, key.id).tokensInWindow, test::billed(reply));
    const QByteArray stats =
        ask(proxy.port(), "GET /stats HTTP/1.1\r\nHost: 127.0.0.1\r\n" + key.header() + "\r\n");
    QCOMPARE(test::number(stats, "tokens_used_in_current_window"), test::billed(reply));
    QVERIFY(!kept.bytes().contains(key.text));
}

QTEST_GUILESS_MAIN(TestAccessKeys)
#include "tst_access_keys.moc"
