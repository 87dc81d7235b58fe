// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "llm/usage.h"
#include "metrics/request_record.h"
#include <cstdint>
#include <optional>
#include <string>

namespace weir::store {

/// What is kept of an exchange: who asked whom for what, what it used and cost, and how long it took. No
/// path, no body, no credential.
struct UsageRow
{
    /// Of the exchange, unique within the process and below SequenceMax: a row that comes twice counts once.
    std::int64_t sequence = 0;
    base::WallMs at = 0;    ///< when it began
    std::string caller;     ///< keyed hash of provider and credential; "" if there was none
    std::int64_t keyId = 0; ///< the access key; 0 = none
    std::string tool;       ///< "Claude Code", …
    std::string provider;
    std::string modelRequested;
    std::string modelServed;
    std::string endpoint; ///< "messages", "chat_completions", …
    int status = 0;
    metrics::Outcome outcome = metrics::Outcome::Completed;
    llm::TokenUsage usage;
    bool isEstimated = false;               ///< the provider did not say (all of) it
    std::int64_t charged = 0;               ///< tokens counted against limits
    std::optional<std::int64_t> costMicros; ///< of a US dollar; absent = no price is known, which is not 0
    std::int64_t ownMicros = 0;
    std::int64_t totalMicros = 0;
    std::optional<std::int64_t> firstTokenMicros;

    bool operator==(const UsageRow &) const = default;

    static constexpr std::int64_t SequenceMax = std::int64_t{1} << 40;
    base::WallMs endedAt() const { return at + totalMicros / 1000; }
    /// By this name it is counted.
    const std::string &model() const { return modelServed.empty() ? modelRequested : modelServed; }
    bool isError() const
    {
        return outcome == metrics::Outcome::Failed || outcome == metrics::Outcome::Truncated ||
               outcome == metrics::Outcome::ToldError || status >= 400;
    }
};

/// All that a record says of it.
UsageRow rowOf(const metrics::RequestRecord &record);

inline constexpr std::int64_t HourMs = 3'600'000;
/// The hour in which `at` lies, by its beginning.
constexpr std::int64_t hourOf(base::WallMs at)
{
    return at - ((at % HourMs) + HourMs) % HourMs;
}

} // namespace weir::store
