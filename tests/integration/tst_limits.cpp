// SPDX-License-Identifier: GPL-3.0-or-later
// Limits of access keys through the whole: right to the token, whatever becomes of a request.
#include "integration/limits_fixture.h"

using namespace weir;
using test::account;
using test::ask;
using test::billed;
using test::body;
using test::errorOf;
using test::header;
using test::keepKeys;
using test::KeptKey;
using test::KeptUsage;
using test::number;
using test::postRequest;
using test::ProxyFixture;
using test::putKey;
using test::RawClient;
using test::start;
using test::statusOf;
using test::stop;
using test::windowOf;

class TestLimits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void letsInAsManyAsAreReservedFor();
    void settlesEveryEnd();
    void keepsTheWindowAcrossARestart();
    void refusesUntilThePastIsKnown();
    void countsNothingForWhatCostsNothing();
    void refusesBodiesThatAreTooLargeToRead();
    void weighsCachedTokens();
};

void TestLimits::letsInAsManyAsAreReservedFor()
{
    const KeptUsage kept;
    const QByteArray request = body("sim-slow-first-byte-1500", 100);
    const std::int64_t reserved = request.size() / 4 + 100;
    const KeptKey key = putKey(kept, "burst", windowOf(50 * reserved));
    simulator::Options simulated;
    simulated.tls = true; // so that HTTP/2 carries them all at the same time
    ProxyFixture proxy(simulated, keepKeys);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int at = 0; at < 200; ++at) {
        clients.push_back(std::make_unique<RawClient>(proxy.port()));
        clients.back()->send(key.post("/v1/messages", request));
    }
    int passed = 0;
    int refused = 0;
    std::int64_t sum = 0;
    for (const auto &client : clients) {
        const QByteArray reply = client->takeResponse();
        passed += statusOf(reply) == 200;
        refused += statusOf(reply) == 429;
        if (statusOf(reply) == 200)
            sum += billed(reply);
    }
    QCOMPARE(passed, 50);
    QCOMPARE(refused, 150);
    QCOMPARE(proxy.arrived.size(), std::size_t(50));
    QVERIFY(sum > 0 && sum < 50 * reserved);
    const metrics::KeyState state = account(proxy, key.id);
    QCOMPARE(state.tokensInWindow, sum);
    QCOMPARE(state.reserved, 0);
    QCOMPARE(state.running, 0);
    QCOMPARE(state.refused, std::uint64_t(150));
    QCOMPARE(account(proxy, 0).tokensInWindow, sum);
    // What was reserved and not used is there again.
    QCOMPARE(statusOf(ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 100)))), 200);
    QVERIFY(stop(proxy.host));
    QCOMPARE(kept.number("SELECT sum(amount) FROM spent WHERE key_id IS NOT NULL"),
             kept.number("SELECT sum(charged) FROM usage"));
    QCOMPARE(kept.number("SELECT sum(input + output) FROM usage"),
             kept.number("SELECT sum(charged) FROM usage"));
}

void TestLimits::settlesEveryEnd()
{
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "ends", windowOf(1'000'000));
    ProxyFixture proxy({}, keepKeys);
    std::int64_t sum = 0;
    std::size_t records = 0;
    const auto charged = [&] { return proxy.record(++records).charged; };
    const auto post = [&](const char *path, const QByteArray &request) {
        return ask(proxy.port(), key.post(path, request));
    };

    // Whole, as JSON and as a stream, in each dialect: what the provider says.
    for (const QByteArray stream : {"", R"(,"stream":true)"}) {
        const QByteArray reply = post("/v1/messages", body("sim-chunks-6+gap-1", 50, stream));
        QCOMPARE(charged(), billed(reply));
        sum += billed(reply);
    }
    for (const QByteArray stream : {"", R"(,"stream":true,"stream_options":{"include_usage":true})"}) {
        const QByteArray reply = post("/v1/chat/completions", body("sim-ok", 50, stream));
        const std::int64_t used = number(reply, "prompt_tokens") + number(reply, "completion_tokens");
        QVERIFY(used > 0);
        QCOMPARE(charged(), used);
        sum += used;
    }
    const QByteArray responses =
        post("/v1/responses", R"({"model":"sim-ok","input":"a","max_output_tokens":50})");
    QCOMPARE(charged(), number(responses, "input_tokens") + number(responses, "output_tokens"));
    sum += number(responses, "input_tokens") + number(responses, "output_tokens");

    // Whole, but it does not say: an estimate, no more than was asked for.
    const QByteArray silent = body("sim-chunks-8+gap-1", 5, R"(,"stream":true)");
    post("/v1/chat/completions", silent);
    QCOMPARE(charged(), silent.size() / 4 + 5);
    sum += silent.size() / 4 + 5;

    // Refused by the provider, or never sent: nothing.
    for (const char *model : {"sim-error-400", "sim-error-429", "sim-error-500", "sim-error-529"}) {
        QVERIFY(statusOf(post("/v1/messages", body(model, 50))) >= 400);
        QCOMPARE(charged(), 0);
    }

    // Broken off before the head: it may have been worked on.
    const QByteArray closed = body("sim-close-before", 50);
    QCOMPARE(statusOf(post("/v1/messages", closed)), 502);
    QCOMPARE(charged(), closed.size() / 4);
    sum += closed.size() / 4;

    // Broken off in the middle: the input is known by then, and about so much has been streamed.
    const QByteArray cut =
        post("/v1/messages", body("sim-close-mid-stream+chunks-20+gap-1", 50, R"(,"stream":true)"));
    const std::int64_t input = number(cut, "input_tokens") + number(cut, "cache_read_input_tokens");
    QVERIFY(input > 0);
    const std::int64_t cutCharge = charged();
    QVERIFY2(cutCharge > input + 5 && cutCharge <= input + 50,
             QByteArray::number(qint64(cutCharge)).constData());
    sum += cutCharge;

    // The client leaves.
    RawClient leaver(proxy.port());
    leaver.send(key.post("/v1/messages", body("sim-chunks-900+gap-20", 1000, R"(,"stream":true)")));
    QVERIFY(leaver.waitFor("content_block_delta"));
    leaver.reset();
    const std::int64_t left = charged();
    QVERIFY(left > 0 && left < 1000);
    sum += left;

    QCOMPARE(account(proxy, key.id).tokensInWindow, sum);
    QCOMPARE(account(proxy, key.id).reserved, 0);
    QVERIFY(stop(proxy.host));
    QCOMPARE(kept.number("SELECT sum(charged) FROM usage"), sum);
    QCOMPARE(kept.number("SELECT sum(amount) FROM spent WHERE key_id IS NULL"), sum);
    QCOMPARE(kept.number("SELECT count(*) FROM usage WHERE is_estimated = 1"), std::int64_t(4));
}

void TestLimits::keepsTheWindowAcrossARestart()
{
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "restart", windowOf(400));
    ProxyFixture proxy({}, keepKeys);
    std::int64_t sum = 0;
    for (int run = 0; run < 3; ++run) {
        const QByteArray reply = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 50)));
        QCOMPARE(statusOf(reply), 200);
        sum += billed(reply);
        QVERIFY(stop(proxy.host));
        QVERIFY(start(proxy));
        QCOMPARE(account(proxy, 0).tokensInWindow, sum);
    }
    const QByteArray refused = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", int(400 - sum))));
    QCOMPARE(statusOf(refused), 429);
    QCOMPARE(errorOf(refused)[QLatin1String("tokens_used")].toInteger(), qint64(sum));
    QVERIFY(stop(proxy.host));
    QCOMPARE(kept.number("SELECT sum(amount) FROM spent WHERE key_id IS NOT NULL"), sum);

    // The clock is found set back by a year: nobody gets a window for free, nobody waits for a year.
    {
        const auto database = kept.open();
        QVERIFY(database->execute("UPDATE spent SET at = at + 31536000000"));
    }
    QVERIFY(start(proxy));
    const QByteArray later = ask(proxy.port(), key.post("/v1/messages", body("sim-ok", int(400 - sum))));
    QCOMPARE(statusOf(later), 429);
    QVERIFY(header(later, "Retry-After").toInt() <= 5 * 3600 + 300);
    QVERIFY(header(later, "Retry-After").toInt() > 4 * 3600);
    QVERIFY(stop(proxy.host));
    // Or set forward: what is older than its window has left it.
    {
        const auto database = kept.open();
        QVERIFY(database->execute("UPDATE spent SET at = at - 31536000000 - 21600000"));
    }
    QVERIFY(start(proxy));
    QCOMPARE(statusOf(ask(proxy.port(), key.post("/v1/messages", body("sim-ok", 300)))), 200);
}

void TestLimits::refusesUntilThePastIsKnown()
{
    const KeptUsage kept;
    QFile inTheWay(kept.folder());
    QVERIFY(inTheWay.open(QIODevice::WriteOnly)); // a file where the folder should be
    ProxyFixture proxy({}, [](config::Config &config) {
        config.store.enabled = true;
        config.limits.tokensPerDay = 1'000'000;
    });
    const QByteArray refused = ask(proxy.port(), postRequest("/v1/messages", body("sim-ok", 5)));
    QCOMPARE(statusOf(refused), 503);
    QVERIFY(refused.contains("limits_unknown") || refused.contains("is not known yet"));
    QVERIFY(header(refused, "Retry-After").toInt() >= 1);
    QVERIFY(proxy.arrived.empty());
    QVERIFY(inTheWay.remove());
    QTRY_COMPARE_WITH_TIMEOUT(statusOf(ask(proxy.port(), postRequest("/v1/messages", body("sim-ok", 5)))),
                              200, 15'000);

    // Without a limit that looks back nobody waits.
    QVERIFY(stop(proxy.host));
    QDir(kept.folder()).removeRecursively();
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    config::Config config = proxy.host.config();
    config.limits.tokensPerDay = 0;
    config.limits.tokensPerMinute = 1'000'000;
    proxy.host.start(std::make_shared<const config::Config>(config));
    QTRY_COMPARE(proxy.host.state(), engine::EngineHost::State::Running);
    QCOMPARE(statusOf(ask(proxy.port(), postRequest("/v1/messages", body("sim-ok", 5)))), 200);
    QVERIFY(inTheWay.remove());
}

void TestLimits::countsNothingForWhatCostsNothing()
{
    const KeptUsage kept;
    keys::Limits limits = windowOf(1);
    limits.concurrent = 1;
    limits.requestsPerMinute = 1;
    const KeptKey key = putKey(kept, "free", limits);
    ProxyFixture proxy({}, keepKeys);
    // As Claude Code does for /context.
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int at = 0; at < 25; ++at) {
        clients.push_back(std::make_unique<RawClient>(proxy.port()));
        clients.back()->send(key.post("/v1/messages/count_tokens", body("sim-ok", 5)));
    }
    for (const auto &client : clients)
        QCOMPARE(statusOf(client->takeResponse()), 200);
    QCOMPARE(
        statusOf(ask(proxy.port(), "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n" + key.header() + "\r\n")),
        200);
    QCOMPARE(account(proxy, 0).tokensInWindow, 0);
}

void TestLimits::refusesBodiesThatAreTooLargeToRead()
{
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "large", windowOf(10'000));
    ProxyFixture proxy({}, [](config::Config &config) {
        keepKeys(config);
        config.limits.bodyHold = 1000;
        config.limits.bodyMax = 100'000;
    });
    QByteArray large = body("sim-ok", 20);
    large.insert(large.indexOf("a b c"), QByteArray(1000, 'x'));
    // What it asks for stands somewhere in it.
    const QByteArray refused = ask(proxy.port(), key.post("/v1/messages", large));
    QCOMPARE(statusOf(refused), 413);
    QVERIFY2(refused.contains("limits.body_hold"), refused.constData());
    const QByteArray chunked = "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n" + key.header() +
                               "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
                               QByteArray::number(large.size(), 16) + "\r\n" + large + "\r\n0\r\n\r\n";
    QCOMPARE(statusOf(ask(proxy.port(), chunked)), 413);
    QVERIFY(proxy.arrived.empty());
    QCOMPARE(account(proxy, key.id).reserved, 0);
}

void TestLimits::weighsCachedTokens()
{
    const KeptUsage kept;
    const KeptKey key = putKey(kept, "cached", windowOf(1'000'000));
    ProxyFixture proxy({}, [](config::Config &config) {
        keepKeys(config);
        config.keys.weightCached = 100; // a tenth
    });
    QByteArray request = body("sim-ok", 20);
    request.insert(request.indexOf("a b c"), QByteArray(8000, 'x'));
    const QByteArray reply = ask(proxy.port(), key.post("/v1/messages", request));
    const std::int64_t cached = number(reply, "cache_read_input_tokens");
    QVERIFY(cached > 0);
    QCOMPARE(account(proxy, key.id).tokensInWindow,
             number(reply, "input_tokens") + number(reply, "output_tokens") + (cached + 9) / 10);
}

QTEST_GUILESS_MAIN(TestLimits)
#include "tst_limits.moc"
