// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/json_probe.h"
#include "llm/provider.h"
#include "llm/usage.h"
#include <cstdint>
#include <optional>
#include <string_view>

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
/// False for what costs nothing and comes in bursts (counting tokens, lists of models): no limit counts it.
bool isCounted(llm::Api api);

/// Tokens of a request body of this size, before anybody has counted them: a quarter of its bytes, 1 at
/// least.
std::int64_t inputEstimate(std::int64_t bodyBytes);
/// The largest reply that the body asks for: max_tokens, max_completion_tokens or max_output_tokens, the
/// largest of them; absent if it names none.
std::optional<std::int64_t> outputMax(std::string_view body, const llm::JsonProbe &probe);

/// What reported usage counts, rounded up to a whole token.
std::int64_t weighted(const llm::TokenUsage &usage, const ChargeRules &rules);

/// How an exchange went, as far as its price depends on it.
struct Course
{
    bool wasSent = false;       ///< a lane took it, and nothing proves that the provider did not work on it
    bool isCompleted = false;   ///< the reply was whole
    int status = 0;             ///< of the provider; 0 = no head came
    std::int64_t bodyBytes = 0; ///< of the request
    std::optional<std::int64_t> outputMax; ///< as it asked; absent = not known
    const llm::ReplyMeter *meter = nullptr;
};
/// What the exchange counts against limits: what the provider has reported, else an estimate. Nothing if it
/// was never worked on, or failed by the provider's own word.
std::int64_t chargeOf(llm::Api api, const Course &course, const ChargeRules &rules);

} // namespace weir::pipeline
