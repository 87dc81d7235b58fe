// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/dialect.h"
#include "llm/output_bound.h"
#include "llm/usage.h"
#include <cstdint>

namespace weir::llm {
class ReplyMeter;
}

namespace weir::pipeline {

/// How the tokens of requests are counted against limits.
struct ChargeRules
{
    std::int64_t outputEstimate = 4096; ///< keys.output_estimate: of a request that names no most
    // Thousandths, so that nothing is rounded before the end.
    int weightCached = 1000;     ///< keys.weight_cached
    int weightCacheWrite = 1000; ///< keys.weight_cache_write
};

/// True for what a provider bills by tokens and tells them: what limits on tokens count.
bool billsTokens(llm::Api api);
/// True where a body may cost tokens of which nobody tells: not for keys with a limit on them.
bool mayBillUntold(llm::Api api);
/// False for what costs nothing and comes in bursts (counting tokens, lists of models): no limit counts it.
bool isCounted(llm::Api api);

/// Tokens of a request body of this size, before anybody has counted them: a quarter of its bytes, 1 at
/// least.
std::int64_t inputEstimate(std::int64_t bodyBytes);
/// Tokens of output that are set aside: what the body asks for at most, else an estimate for each answer.
std::int64_t outputReserve(const llm::OutputBound &asked, const ChargeRules &rules);

/// What reported usage counts, rounded up to a whole token.
std::int64_t weighted(const llm::TokenUsage &usage, const ChargeRules &rules);

/// How an exchange went, as far as its price depends on it.
struct Course
{
    bool wasSent = false;       ///< a lane took it, and nothing proves that the provider did not work on it
    bool isCompleted = false;   ///< the reply was whole
    int status = 0;             ///< of the provider; 0 = no head came
    std::int64_t bodyBytes = 0; ///< of the request
    llm::OutputBound output;    ///< as it asked, if that was read
    const llm::ReplyMeter *meter = nullptr;
};
/// What the exchange counts against limits: what the provider has reported, else an estimate. Nothing if it
/// was never worked on, or failed by the provider's own word.
std::int64_t chargeOf(llm::Api api, const Course &course, const ChargeRules &rules);

} // namespace weir::pipeline
