// SPDX-License-Identifier: GPL-3.0-or-later
// What providers take and say beside their answers: the cost of requests, and the limits that they tell of.
#include "integration/kept_usage.h"
#include "integration/proxy_fixture.h"
#include <QJsonDocument>
#include <QJsonObject>

using namespace weir;
using test::bodyOf;
using test::KeptUsage;
using test::postRequest;
using test::ProxyFixture;
using test::RawClient;
using test::statusOf;

class TestCosts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatItCost();
    void keepsWhatTheProviderSaysOfItsLimits();
};

void TestCosts::tellsWhatItCost()
{
    const KeptUsage kept;
    ProxyFixture proxy({}, [](config::Config &config) {
        config.store.enabled = true;
        config::Price price;
        price.match = "sim-ok*";
        price.input = 3'000'000;
        price.output = 15'000'000;
        config.prices = {price};
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
