// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/rate_limits.h"

#include <QTest>

using namespace weir;
using llm::RateLimit;

class TestRateLimits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAnthropic();
    void readsOpenAi();
    void leavesTheRest();
    void keepsItsBounds();
    void knowsWhatCodesMean();
};

void TestRateLimits::readsAnthropic()
{
    http::Headers headers;
    headers.add("content-type", "application/json");
    headers.add("anthropic-ratelimit-requests-limit", "50");
    headers.add("Anthropic-RateLimit-Requests-Remaining", "49");
    headers.add("anthropic-ratelimit-input-tokens-reset", "2030-01-01T00:00:00Z");
    headers.add("anthropic-ratelimit-unified-5h-utilization", "0.53");
    headers.add("anthropic-ratelimit-unified-5h-status", "allowed");
    headers.add("anthropic-ratelimit-requests-reset", "2030-01-01T00:00:01Z");
    const std::vector<RateLimit> expected{
        {"requests", "50", "49", "2030-01-01T00:00:01Z", "", ""},
        {"input-tokens", "", "", "2030-01-01T00:00:00Z", "", ""},
        {"unified-5h", "", "", "", "0.53", "allowed"},
    };
    QVERIFY(llm::readRateLimits(headers) == expected);
}

void TestRateLimits::readsOpenAi()
{
    http::Headers headers;
    headers.add("x-ratelimit-limit-requests", "500");
    headers.add("x-ratelimit-remaining-tokens", "29000");
    headers.add("x-ratelimit-reset-requests", "6m0s");
    headers.add("x-ratelimit-limit-tokens", "30000");
    const std::vector<RateLimit> expected{
        {"requests", "500", "", "6m0s", "", ""},
        {"tokens", "30000", "29000", "", "", ""},
    };
    QVERIFY(llm::readRateLimits(headers) == expected);
}

void TestRateLimits::leavesTheRest()
{
    http::Headers headers;
    for (const char *name :
         {"retry-after", "anthropic-ratelimit-", "anthropic-ratelimit-limit", "anthropic-ratelimit--limit",
          "anthropic-ratelimit-requests-colour", "x-ratelimit-", "x-ratelimit-limit", "x-ratelimit-limit-",
          "x-ratelimit-requests-limit", "x-ratelimited", "a", "x"})
        headers.add(name, "1");
    QVERIFY(llm::readRateLimits(headers).empty());
}

void TestRateLimits::keepsItsBounds()
{
    http::Headers headers;
    for (std::size_t number = 0; number < llm::RateLimitsMax + 5; ++number)
        headers.add("x-ratelimit-limit-n" + std::to_string(number), "1");
    headers.add("x-ratelimit-remaining-n0", "7"); // of one that is known
    headers.add("x-ratelimit-reset-n0", std::string(llm::RateLimitTextMax + 1, '9'));
    headers.add("x-ratelimit-limit-" + std::string(llm::RateLimitTextMax + 1, 'n'), "1");
    const auto limits = llm::readRateLimits(headers);
    QCOMPARE(limits.size(), llm::RateLimitsMax);
    QVERIFY(limits.front() == (RateLimit{"n0", "1", "7", "", "", ""}));
}

void TestRateLimits::knowsWhatCodesMean()
{
    QCOMPARE(llm::meaningOfErrorCode("1302"), "too many requests at the same time");
    QCOMPARE(llm::meaningOfErrorCode("130"), "");
    QCOMPARE(llm::meaningOfErrorCode(""), "");
}

QTEST_APPLESS_MAIN(TestRateLimits)
#include "tst_rate_limits.moc"
