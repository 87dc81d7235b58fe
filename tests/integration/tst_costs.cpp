// SPDX-License-Identifier: GPL-3.0-or-later
// What providers take and say beside their answers: the cost of requests, and the limits that they tell of.
#include "integration/kept_usage.h"
#include "integration/proxy_fixture.h"
#include "support/byte_peer.h"
#include <QJsonDocument>
#include <QJsonObject>

using namespace weir;
using test::bodyOf;
using test::KeptUsage;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

Q_DECLARE_METATYPE(weir::metrics::Outcome)

namespace {

/// $3 and $15 for a million tokens.
config::Price priceOf(const char *models)
{
    config::Price price;
    price.match = models;
    price.input = 3'000'000;
    price.output = 15'000'000;
    return price;
}

} // namespace

class TestCosts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatItCost();
    void knowsWhatIsNotTold_data();
    void knowsWhatIsNotTold();
    void keepsWhatTheProviderSaysOfItsLimits();
};

void TestCosts::tellsWhatItCost()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, [](config::Config &config) {
        config.store.enabled = true;
        config.prices = {priceOf("sim-ok*")};
    });
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", R"({"model":"sim-ok","max_tokens":5,"messages":[]})"));
    const QByteArray reply = client.takeResponse();
    QCOMPARE(statusOf(reply), 200);
    const QJsonObject used =
        QJsonDocument::fromJson(bodyOf(reply)).object()[QLatin1String("usage")].toObject();
    const qint64 expected = 3 * used[QLatin1String("input_tokens")].toInteger() +
                            15 * used[QLatin1String("output_tokens")].toInteger();
    QVERIFY(expected > 0);
    QCOMPARE(proxy.record(1).costMicros, std::optional<std::int64_t>(expected));
    client.send(postRequest("/v1/messages", R"({"model":"sim-chunks-2","max_tokens":5,"messages":[]})"));
    QCOMPARE(statusOf(client.takeResponse()), 200);
    proxy.host.stop();
    QTRY_COMPARE_WITH_TIMEOUT(proxy.host.state(), engine::EngineHost::State::Stopped, 15'000);
    QCOMPARE(kept.number("SELECT sum(cost_micros) FROM usage_hour"), std::int64_t(expected));
    QCOMPARE(kept.number("SELECT sum(costed) FROM usage_hour"), std::int64_t(1));
}

void TestCosts::knowsWhatIsNotTold_data()
{
    using Cost = std::optional<std::int64_t>;
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QByteArray>("reply");
    QTest::addColumn<metrics::Outcome>("outcome");
    QTest::addColumn<Cost>("cost");
    const QByteArray rerank = postRequest("/v1/rerank", R"({"model":"m","query":"q"})");
    const QByteArray chat = postRequest("/v1/chat/completions", R"({"model":"m","messages":[]})");
    QTest::newRow("a path that tells nothing")
        << rerank << QByteArray(R"({"results":[]})") << metrics::Outcome::Completed << Cost();
    QTest::newRow("a path that tells") << rerank << QByteArray(R"({"usage":{"total_tokens":100}})")
                                       << metrics::Outcome::Completed << Cost(300);
    QTest::newRow("a look at what is there")
        << QByteArray("GET /v1/batches HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer a\r\n\r\n")
        << QByteArray(R"({"data":[]})") << metrics::Outcome::Completed << Cost(0);
    QTest::newRow("an error called a success")
        << chat << QByteArray(R"({"error":{"message":"busy"}})") << metrics::Outcome::ToldError << Cost(0);
}

void TestCosts::knowsWhatIsNotTold()
{
    QFETCH(QByteArray, request);
    QFETCH(QByteArray, reply);
    QFETCH(metrics::Outcome, outcome);
    QFETCH(std::optional<std::int64_t>, cost);
    test::BytePeer provider;
    provider.onBytes = [&] {
        if (!provider.received.endsWith("\r\n\r\n") && !provider.received.endsWith("}"))
            return;
        provider.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                      QByteArray::number(reply.size()) + "\r\n\r\n" + reply);
    };
    ProxyFixture proxy({}, [&](config::Config &config) {
        config.providers.front().openaiBase = "http://127.0.0.1:" + std::to_string(provider.port()) + "/v1";
        config.pool.min = config.pool.max = config.pool.maxHttp1 = 1;
        config.prices = {priceOf("*")};
    });
    RawClient client(proxy.port());
    client.send(request);
    QCOMPARE(statusOf(client.takeResponse()), 200);
    QCOMPARE(proxy.record(1).outcome, outcome);
    QCOMPARE(proxy.record(1).costMicros, cost);
}

void TestCosts::keepsWhatTheProviderSaysOfItsLimits()
{
    ProxyFixture proxy;
    RawClient client(proxy.port());
    client.send(postRequest("/v1/messages", R"({"model":"sim-error-429","max_tokens":5,"messages":[]})"));
    QCOMPARE(statusOf(client.takeResponse()), 429);
    QCOMPARE(proxy.record(1).providerError, std::string("rate_limit_error"));
    QTRY_VERIFY(!proxy.host.liveFeed()->snapshot().providerLimits.empty());
    const metrics::ProviderLimits &told = proxy.host.liveFeed()->snapshot().providerLimits.front();
    QCOMPARE(told.provider, std::string("sim"));
    QCOMPARE(told.limits.at(0).name, std::string("requests"));
    QCOMPARE(told.limits.at(0).limit, std::string("50"));
    QCOMPARE(told.limits.at(0).remaining, std::string("0"));
}

QTEST_GUILESS_MAIN(TestCosts)
#include "tst_costs.moc"
