// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "keys/rolling_window.h"
#include "store/database.h"
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace weir::store {

/// Tokens that keys have spent, in slots of wall time: what their windows are made of at the next start. An
/// amount counts at the end of its slot, so that it leaves no window early.
inline constexpr std::int64_t SpentSlotMs = 300'000;
/// A day longer than keys::WindowMax.
inline constexpr std::int64_t KeepSpentDays = 8;

constexpr base::WallMs spentSlotEnd(base::WallMs at)
{
    return at - ((at % SpentSlotMs) + SpentSlotMs) % SpentSlotMs + SpentSlotMs;
}

/// Amounts by key (0 = all requests together) and time.
using SpentAmounts = std::map<std::pair<std::int64_t, base::WallMs>, std::int64_t>;

/// Adds to what is stored. Within the caller's transaction. Keys that are gone are passed over.
base::Result<void> addSpent(const Database &database, const SpentAmounts &amounts);

/// Of every key that has spent something, oldest first, that of all together first; for the start.
base::Result<std::vector<keys::KeySpent>> readSpent(const Database &database);

} // namespace weir::store
