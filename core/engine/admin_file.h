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

/// How the engine that has the database open is reached by other programs of the same user: address and admin
/// token, in a file of mode 0600 beside the database. Whoever holds the database's lock writes it, so it is
/// true while that lock is held; after a crash it lies there unheeded, because the lock is free.
/// Every function may wait for the disk.
struct AdminFile
{
    std::string address; ///< "http://127.0.0.1:8484"
    base::Secret token;

    static std::string pathFor(const std::string &database);
    /// Replaces what is there in one step.
    base::Result<void> write(const std::string &database) const;
    static base::Result<AdminFile> read(const std::string &database);
    static void remove(const std::string &database);
};

} // namespace weir::engine
