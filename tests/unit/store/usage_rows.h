// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "store/usage_row.h"
#include <vector>

namespace weir::test {

inline constexpr base::WallMs UsageStart = 1'700'000'000'000; // 2023-11-14 22:13:20 UTC

/// A row whose values follow from its number; a minute lies between two of them.
inline store::UsageRow usageRow(std::int64_t number)
{
    store::UsageRow row;
    row.sequence = number;
    row.at = UsageStart + number * 60'000;
    row.caller = number % 3 ? "" : "caller-a";
    row.keyId = number % 4;
    row.tool = number % 2 ? "Codex" : "Claude Code";
    row.provider = number % 5 ? "anthropic" : "zai";
    row.modelRequested = "asked";
    row.modelServed = number % 7 ? "model-x" : "";
    row.endpoint = "messages";
    row.status = number % 11 ? 200 : 500;
    row.outcome = number % 13 ? metrics::Outcome::Completed : metrics::Outcome::Truncated;
    row.usage = {1000 + number, number, 2, 100, 10, true};
    row.isEstimated = number % 17 == 0;
    if (number % 6)
        row.costMicros = number;
    row.ownMicros = 150;
    row.totalMicros = 900'000;
    if (number % 8)
        row.firstTokenMicros = 300'000;
    return row;
}

inline std::vector<store::UsageRow> usageRows(std::int64_t from, std::int64_t to)
{
    std::vector<store::UsageRow> rows;
    for (std::int64_t number = from; number < to; ++number)
        rows.push_back(usageRow(number));
    return rows;
}

} // namespace weir::test
