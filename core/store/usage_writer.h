// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "store/database.h"
#include "store/usage_row.h"
#include <span>

namespace weir::store {

/// Writes rows, adds them to the sums of their hours and what they charged to what is spent, all in one
/// transaction. Rows that are there already
/// (same run, same sequence) are passed over, so a batch may be written again when it is not known whether it
/// got through. How many were new. Store thread.
base::Result<std::int64_t> writeUsage(const Database &database, std::span<const UsageRow> rows);

} // namespace weir::store
