// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/prices.h"

#include <QTest>

using namespace weir::llm;

class TestPrices : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsEveryPartOnce();
    void roundsOncePerRequest();
    void takesTheFirstRuleThatMatches();
    void asksTheLengthOfThePrompt();
    void knowsNoPriceWhereThereIsNone();
    void stopsAtItsMost();
    void staysSmall();
    void shippedPrices_data();
    void shippedPrices();
};

namespace {

constexpr Price Distinct{1'000'000, 100'000, 2'000'000, 4'000'000, 10'000'000}; // $1, $0.10, $2, $4, $10

TokenUsage usage(std::int64_t input, std::int64_t output)
{
    TokenUsage usage;
    usage.known = true;
    usage.input = input;
    usage.output = output;
    return usage;
}

PriceTable table(std::vector<PriceRule> rules)
{
    return PriceTable(std::move(rules));
}

} // namespace

void TestPrices::countsEveryPartOnce()
{
    PriceTable prices = table({{"m", "", 0, Distinct}});
    TokenUsage used = usage(1'000'000, 100'000);
    used.cachedInput = 500'000;
    used.cacheWrite = 300'000;
    used.cacheWrite1h = 100'000;
    used.reasoning = 40'000; // a part of the output, paid with it
    // 200,000 fresh, 500,000 read, 200,000 written for minutes, 100,000 for an hour, 100,000 out.
    QCOMPARE(prices.cost("p", "m", used), 200'000 + 50'000 + 400'000 + 400'000 + 1'000'000);
}

void TestPrices::roundsOncePerRequest()
{
    PriceTable prices = table({{"m", "", 0, {400'000, 0, 0, 0, 400'000}}});
    QCOMPARE(prices.cost("p", "m", usage(1, 0)), 0); // 0.4 micro-dollars
    QCOMPARE(prices.cost("p", "m", usage(1, 1)), 1); // 0.8: each part alone would be none
}

void TestPrices::takesTheFirstRuleThatMatches()
{
    PriceTable prices = table({{"gpt-*-mini", "openai", 0, {1'000'000, 0, 0, 0, 0}},
                               {"gpt-*", "openai", 0, {2'000'000, 0, 0, 0, 0}},
                               {"*", "", 0, {3'000'000, 0, 0, 0, 0}}});
    QCOMPARE(prices.cost("openai", "gpt-9-mini", usage(10, 0)), 10);
    QCOMPARE(prices.cost("openai", "gpt-9", usage(10, 0)), 20);
    QCOMPARE(prices.cost("other", "gpt-9", usage(10, 0)), 30);
}

void TestPrices::asksTheLengthOfThePrompt()
{
    PriceTable prices = table({{"m", "", 100, {5'000'000, 0, 0, 0, 7'000'000}}, {"m", "", 0, Distinct}});
    QCOMPARE(prices.cost("p", "m", usage(100, 0)), 100);
    QCOMPARE(prices.cost("p", "m", usage(101, 1)), 505 + 7);
    QCOMPARE(prices.cost("p", "m", usage(0, 1)), 10);
    PriceTable onlyLong = table({{"m", "", 100, Distinct}});
    QCOMPARE(onlyLong.cost("p", "m", usage(100, 0)), std::nullopt);
}

void TestPrices::knowsNoPriceWhereThereIsNone()
{
    PriceTable prices = table({{"m", "", 0, Distinct}});
    QCOMPARE(prices.cost("p", "n", usage(1, 1)), std::nullopt);
    QCOMPARE(prices.cost("p", "", usage(1, 1)), std::nullopt);
    QCOMPARE(prices.cost("p", "m", TokenUsage{}), std::nullopt); // nobody said what it used
    PriceTable shipped(weir::llm::shippedPrices());
    QCOMPARE(shipped.cost("my-gateway", "gpt-5", usage(1'000, 1)), std::nullopt); // who has prices of its own
    QCOMPARE(shipped.cost("openai", "gpt-5.9", usage(1'000, 1)), std::nullopt);
}

void TestPrices::stopsAtItsMost()
{
    PriceTable prices = table({{"m", "", 0, {100'000'000'000, 0, 0, 0, 100'000'000'000}}});
    QCOMPARE(prices.cost("p", "m", usage(TokensMax, TokensMax)), PriceTable::CostMax);
    // A part that claims to be more than the whole takes nothing away from it.
    PriceTable distinct = table({{"m", "", 0, Distinct}});
    TokenUsage odd = usage(10, 0);
    odd.cacheWrite1h = 1'000;
    odd.cachedInput = 20;
    QCOMPARE(distinct.cost("p", "m", odd), 2);
}

void TestPrices::staysSmall()
{
    PriceTable prices = table({{"m*", "", 0, Distinct}});
    for (std::size_t number = 0; number < 3 * PriceTable::ModelsMax; ++number)
        QCOMPARE(prices.cost("p", "m" + std::to_string(number), usage(5, 0)), 5);
    QVERIFY(prices.knownModels() <= PriceTable::ModelsMax);
}

void TestPrices::shippedPrices_data()
{
    QTest::addColumn<QString>("provider");
    QTest::addColumn<QString>("model");
    QTest::addColumn<qint64>("input");
    QTest::addColumn<qint64>("micros"); // of a million tokens of output and `input` ones
    const auto row = [](const char *provider, const char *model, qint64 input, qint64 micros) {
        QTest::newRow(qPrintable(QStringLiteral("%1 %2").arg(QLatin1String(model)).arg(input)))
            << provider << model << input << micros;
    };
    row("anthropic", "claude-sonnet-4-5-20250929", 1'000'000, 18'000'000);
    row("anthropic", "claude-opus-4-1-20250805", 1'000'000, 90'000'000);
    row("anthropic", "claude-opus-4-20250514", 1'000'000, 90'000'000);
    row("anthropic", "claude-opus-5", 1'000'000, 30'000'000);
    row("anthropic", "claude-opus-5-5", 1'000'000, 24'000'000);
    row("anthropic", "claude-haiku-5-5", 100'000, 10'000 + 500'000);
    row("anthropic", "claude-haiku-5-5", 100'001, 50'001 + 2'500'000); // rounded
    row("openai", "gpt-4o-mini-2024-07-18", 1'000'000, 750'000);
    row("zai", "glm-4.5-air", 1'000'000, 1'300'000);
}

void TestPrices::shippedPrices()
{
    QFETCH(QString, provider);
    QFETCH(QString, model);
    QFETCH(qint64, input);
    QFETCH(qint64, micros);
    PriceTable prices(weir::llm::shippedPrices());
    QCOMPARE(prices.cost(provider.toStdString(), model.toStdString(), usage(input, 1'000'000)), micros);
}

QTEST_APPLESS_MAIN(TestPrices)
#include "tst_prices.moc"
