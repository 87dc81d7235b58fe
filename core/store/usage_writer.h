// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "store/database.h"
#include "store/refusals.h"
#include "store/usage_row.h"
#include <span>
#include <string_view>

namespace weir::store {

/// A key's sums of an hour are this many rows at most: by caller, tool, provider and model. Clients invent
/// names (of tools, of models, in pass-through of themselves), and what they invent must not push older hours
/// out of the database. What comes beyond is added to FoldedName, by provider.
inline constexpr std::int64_t NamesMax = 100;
inline constexpr std::string_view FoldedName = "other";
/// A model's name is cut to this many bytes in the sums, for the same reason.
inline constexpr std::size_t SummedModelMax = 128;

/// Writes rows, adds them to the sums of their hours, what they used to their keys' totals and what they
/// charged to what is spent, and counts refusals; all in one transaction. Rows that are there already
/// (same run, same sequence) are passed over, so a batch may be written again when it is not known whether it
/// got through. How many were new. Store thread.
base::Result<std::int64_t> writeUsage(const Database &database, std::span<const UsageRow> rows,
                                      const Refusals &refusals = {});

} // namespace weir::store
