// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <memory>
#include <string>

namespace weir::store {

/// Held by whoever has the database at a path open or replaces it, in `path`.lock. The kernel's lock and not
/// the file is what counts (flock(2)), so it goes with its owner however that ends. QLockFile does not do: a
/// process killed between making its file and writing into it locks everybody out for ever.
class DatabaseLock
{
public:
    /// StoreInUse names the owner's process id.
    static base::Result<std::unique_ptr<DatabaseLock>> take(const std::string &path);
    ~DatabaseLock();
    DatabaseLock(const DatabaseLock &) = delete;
    DatabaseLock &operator=(const DatabaseLock &) = delete;

private:
    explicit DatabaseLock(int fd) : m_fd(fd) {}

    const int m_fd;
};

} // namespace weir::store
