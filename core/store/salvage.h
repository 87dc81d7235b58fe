// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace weir::store {

class Database;

struct Salvaged
{
    std::int64_t keys = 0;
    std::int64_t rows = 0; ///< of all tables, keys included
};

/// Takes over from a damaged database what can still be read: keys and what they have spent, names, sums by
/// hour, and the newest UsageRowsMax rows of usage. Sums that are lost are added up again where their rows
/// are there. Works on a copy, so the damaged file stays as it was found. Reads each table from both ends, so
/// that one bad page costs what lies on it. Takes nothing from a file that is not Weir's. Cannot fail, only
/// find nothing.
Salvaged salvage(const Database &into, const std::string &damaged, std::int64_t applicationId);

inline constexpr int UsageRowsMax = 100'000;

} // namespace weir::store
