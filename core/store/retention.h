// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include <cstdint>

namespace weir::store {

class Database;

/// How long usage is kept. Rows go by age or when the file is too large, the oldest first; sums by hour stay
/// much longer, because they are small and a year's history is made of them.
struct RetentionRules
{
    std::int64_t keepDays = 30; ///< store.keep_days
    std::int64_t maxMb = 200;   ///< store.max_mb, in MiB of pages in use
};
inline constexpr std::int64_t KeepHourlyDays = 400;
/// Rows that one step removes, and pages that it gives back to the file system: a few milliseconds.
inline constexpr int RetentionStepRows = 500;

/// Removes a little of what is to go; true if there is more, so the caller comes again when nothing waits.
/// Store thread.
base::Result<bool> retainStep(const Database &database, const RetentionRules &rules, base::WallMs now);

} // namespace weir::store
