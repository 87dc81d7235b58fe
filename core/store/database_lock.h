// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <memory>
#include <string>

namespace weir::store {

/// Held by whoever has the database at a path open or replaces it, in `path`.lock. The kernel's lock and not
/// the file is what counts (flock(2)), so it goes with its owner however that ends. QLockFile does not do: a
/// process killed between making its file and writing into it locks everybody out for ever.
///
/// Two names beside it say where the owner can be asked. They go with the lock, and what a killed owner has
/// left is removed first thing by the next one: nobody vouches for what another process has written.
class DatabaseLock
{
public:
    static std::string adminFileOf(const std::string &path); ///< for scripts
    static std::string socketOf(const std::string &path);    ///< for Weir's own commands

    /// Makes sure of the folder (secureFolder()) before it looks. StoreInUse names the owner's process id;
    /// StoreUnavailable if something that was left there cannot be removed.
    static base::Result<std::unique_ptr<DatabaseLock>> take(const std::string &path);
    ~DatabaseLock();
    DatabaseLock(const DatabaseLock &) = delete;
    DatabaseLock &operator=(const DatabaseLock &) = delete;

private:
    DatabaseLock(std::string path, int fd) : m_path(std::move(path)), m_fd(fd) {}
    base::Result<void> removeTraces() const;

    const std::string m_path;
    const int m_fd;
};

} // namespace weir::store
