// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/key_cache.h"
#include "keys/quota.h"
#include "micro/cases.h"
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace weir::micro {

namespace {

using std::chrono::minutes;

constexpr base::Instant Start{std::chrono::hours(24 * 400)};
/// Measures it as any other, and then many times more, each time on its own clock, for the p99: what it costs
/// in all but one of a hundred cases, with the cost of looking at a clock.
template<typename Work>
void withP99(benchmark::State &state, Work work)
{
    for (auto _ : state)
        work();
    constexpr std::size_t Samples = 50'000;
    std::vector<std::chrono::nanoseconds> times;
    times.reserve(Samples);
    for (std::size_t sample = 0; sample < Samples; ++sample) {
        const auto began = std::chrono::steady_clock::now();
        work();
        times.push_back(std::chrono::steady_clock::now() - began);
    }
    const auto place = times.begin() + std::ptrdiff_t(Samples / 100 * 99);
    std::nth_element(times.begin(), place, times.end());
    state.counters[P99Counter] = double(place->count());
}

std::string secretOf(int number)
{
    std::string text = std::to_string(number);
    return "weir_" + std::string(43 - text.size(), 'x') + text;
}

/// As the auth step does it: from the text that a client has shown to a key that may be used.
void checkKey(benchmark::State &state)
{
    constexpr int Keys = 1'000; // as many as fit by default
    keys::KeyCache cache({});
    std::vector<std::string> secrets;
    for (int number = 0; number < Keys; ++number) {
        secrets.push_back(secretOf(number));
        keys::AccessKey key;
        key.id = number;
        key.hash = keys::hashOf(secrets.back());
        cache.insert(key.hash, std::make_shared<const keys::AccessKey>(key), Start);
    }
    std::size_t next = 0;
    std::int64_t known = 0;
    std::int64_t asked = 0;
    withP99(state, [&] {
        next = (next + 389) % secrets.size(); // not the one that the processor has just seen
        const auto found = cache.find(keys::hashOf(secrets[next]), Start);
        known += found.key && !found.key->isPaused && !found.key->isExpired(0);
        ++asked;
    });
    if (known != asked)
        state.SkipWithError("not every key was found");
}

/// A year of requests, one each minute, in an account with every limit that there is.
keys::Quota yearOld(base::Instant &now, base::Duration window = std::chrono::hours(5))
{
    keys::Limits limits;
    limits.window = window;
    limits.tokensPerWindow = limits.tokensPerDay = limits.tokensPerMinute = std::int64_t{1} << 40;
    limits.requestsPerMinute = limits.concurrent = 1'000'000'000;
    keys::Quota quota(limits);
    for (int minute = 0; minute < 365 * 24 * 60; ++minute) {
        now += minutes(1);
        quota.settle(0, 1'000, now);
    }
    return quota;
}

/// What one request costs its account: let in, set aside, settled.
void checkQuota(benchmark::State &state)
{
    base::Instant now = Start;
    keys::Quota quota = yearOld(now);
    std::int64_t refused = 0;
    withP99(state, [&] {
        now += std::chrono::milliseconds(7);
        refused += quota.enter(now).has_value() || quota.reserve(12'000, now).has_value();
        quota.settle(12'000, 900, now);
        quota.leave();
    });
    if (refused != 0)
        state.SkipWithError("a request was refused");
}

/// Nothing for so long that every bucket of all windows but the day's has to go; days would be over soon, as
/// many of them as this takes.
void checkQuotaAfterAPause(benchmark::State &state)
{
    base::Instant now = Start;
    keys::Quota quota = yearOld(now, minutes(5));
    withP99(state, [&] {
        now += minutes(6);
        benchmark::DoNotOptimize(quota.reserve(12'000, now));
        quota.settle(12'000, 900, now);
    });
    if (quota.tokensInWindow(now) != 900)
        state.SkipWithError("old tokens still count");
}

} // namespace

void addKeysCases(Cases &cases)
{
    cases.push_back({"keys", "check an access key of a thousand in memory", checkKey});
    cases.push_back({"keys", "let in, reserve and settle, after a year", checkQuota});
    cases.push_back(
        {"keys", "reserve and settle, after a pause longer than the window", checkQuotaAfterAPause});
}

} // namespace weir::micro
