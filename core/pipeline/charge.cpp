// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/charge.h"

#include "llm/reply_meter.h"
#include <algorithm>

namespace weir::pipeline {

namespace {

constexpr std::int64_t BytesPerToken = 4;

/// Output of a reply whose own count is missing or may not be the last: what is known, or what was seen of
/// it, but no more than was asked for.
std::int64_t outputSeen(const llm::ReplyMeter &meter, const std::optional<std::int64_t> &most)
{
    const std::int64_t streamed = std::min(meter.streamedTokens(), most.value_or(llm::TokensMax));
    return std::max(meter.usage().output, streamed);
}

} // namespace

bool billsTokens(llm::Api api)
{
    switch (api) {
    case llm::Api::Messages:
    case llm::Api::ChatCompletions:
    case llm::Api::Responses:
    case llm::Api::Completions:
    case llm::Api::Embeddings:
        return true;
    case llm::Api::CountTokens:
    case llm::Api::Models:
    case llm::Api::Lookup:
    case llm::Api::Other:
        return false;
    }
    return false;
}

bool mayBillUntold(llm::Api api)
{
    return !billsTokens(api) && api != llm::Api::CountTokens && api != llm::Api::Lookup;
}

bool isCounted(llm::Api api)
{
    return api != llm::Api::CountTokens && api != llm::Api::Models;
}

std::int64_t inputEstimate(std::int64_t bodyBytes)
{
    return std::max<std::int64_t>(bodyBytes / BytesPerToken, 1);
}

std::int64_t outputReserve(const llm::OutputBound &asked, const ChargeRules &rules)
{
    const std::int64_t estimate = std::min(rules.outputEstimate, llm::TokensMax / asked.choices());
    return asked.most().value_or(estimate * asked.choices());
}

std::int64_t weighted(const llm::TokenUsage &usage, const ChargeRules &rules)
{
    constexpr std::int64_t Whole = 1000;
    const std::int64_t plain = std::max<std::int64_t>(usage.input - usage.cachedInput - usage.cacheWrite, 0);
    const std::int64_t sum = (plain + usage.output) * Whole + usage.cachedInput * rules.weightCached +
                             usage.cacheWrite * rules.weightCacheWrite;
    return (sum + Whole - 1) / Whole;
}

std::int64_t chargeOf(llm::Api api, const Course &course, const ChargeRules &rules)
{
    if (!course.wasSent || course.status >= 300)
        return 0;
    if (!billsTokens(api)) // nobody could estimate what an image takes
        return course.meter && course.meter->usage().known ? weighted(course.meter->usage(), rules) : 0;
    if (!course.meter)
        return inputEstimate(course.bodyBytes);
    const llm::ReplyMeter &meter = *course.meter;
    llm::TokenUsage usage = meter.usage();
    const bool isAnswered = course.isCompleted && !meter.hasSeenError();
    if (!usage.known) {
        if (meter.hasSeenError() && !meter.hasSeenContent())
            return 0; // a refusal that came as a stream
        usage.input = inputEstimate(course.bodyBytes);
        usage.output = outputSeen(meter, course.output.most());
        if (meter.isOpaque()) // its size says nothing
            usage.output = std::max(usage.output, outputReserve(course.output, rules));
    } else if (!isAnswered && meter.endReason().empty()) {
        usage.output = outputSeen(meter, course.output.most());
    }
    return weighted(usage, rules);
}

} // namespace weir::pipeline
