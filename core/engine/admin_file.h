// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "base/secret.h"
#include <string>

namespace weir::engine {

/// $XDG_DATA_HOME/weir/weir.db: the user's one database. Nothing else lies in its folder, which is closed to
/// others.
std::string databasePath();

/// 256 random bits in hexadecimal digits, made for each run of an engine.
base::Secret newAdminToken();

/// Tells scripts of the same user how to reach the engine that serves: address and admin token, in a file of
/// mode 0600 beside the database (store::DatabaseLock::adminFileOf()). Nothing of Weir reads it: another
/// program may have the port of an engine that was killed, and commands do not take its word (AdminSocket).
/// Both are for who holds the database's lock, and may wait for the disk.
struct AdminFile
{
    std::string address; ///< "http://127.0.0.1:8484"
    base::Secret token;

    /// Replaces what is there in one step.
    base::Result<void> write(const std::string &database) const;
    static void remove(const std::string &database);
};

} // namespace weir::engine
