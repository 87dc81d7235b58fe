// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstdint>

namespace weir::store {

class Database;

/// How closely a database is looked at.
enum class Look : std::uint8_t
{
    Quick,    ///< every page, and whether the indexes by which keys are known hold what their tables hold
    KeysOnly, ///< only the tables without which no key would be known; they are small
    Whole,    ///< every page and every index
};

/// StoreBroken says what is wrong, in SQLite's words. Tables that are not there yet are passed over.
base::Result<void> checkSound(const Database &database, Look look);

/// Makes all indexes anew from their tables, which heals damage that lies in indexes alone. Looks at the
/// whole afterwards: unless it is sound, nothing has been changed, and it is StoreBroken.
base::Result<void> mendIndexes(const Database &database);

} // namespace weir::store
