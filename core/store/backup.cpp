// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/backup.h"

#include "store/database.h"
#include "store/database_file.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <unistd.h>

namespace weir::store {

using base::Errc;
using base::Result;

namespace {

void removeAll(const std::string &path)
{
    for (const std::string &each : withCompanions(path))
        ::unlink(each.c_str());
    ::unlink((path + ".lock").c_str());
}

/// Opening it as a database checks and migrates it; one that would be moved aside there is none to restore.
Result<void> check(const std::string &path, const base::Clock &clock)
{
    Database::Options options;
    options.path = path;
    options.wholeCheckMax = std::numeric_limits<std::int64_t>::max();
    options.broken = Database::Broken::Refuse;
    const auto opened = Database::open(options, clock);
    if (!opened)
        return base::Unexpected{opened.error()};
    return {};
}

} // namespace

Result<void> backUp(const Database &database, const std::string &to)
{
    // Made first, so that it is private from its first byte: SQLite fills an empty file, too.
    if (auto made = createPrivateFile(to); !made)
        return made;
    Statement vacuum = database.prepare("VACUUM INTO ?");
    Result<void> written = vacuum.bind(to).run();
    if (written)
        written = syncFile(to);
    if (!written) {
        removeAll(to);
        return written;
    }
    return syncFolderOf(to);
}

Result<std::string> restore(const std::string &backup, const std::string &path, const base::Clock &clock)
{
    const auto lock = DatabaseLock::take(path);
    if (!lock)
        return base::Unexpected{lock.error()};
    const std::string incoming = path + ".incoming";
    removeAll(incoming); // of a restore that was interrupted
    Result<void> ready = copyPrivately(backup, incoming);
    if (ready)
        ready = check(incoming, clock);
    if (!ready) {
        removeAll(incoming);
        return base::Unexpected{ready.error()};
    }
    std::string replaced;
    if (kindOf(path) != FileKind::Missing) {
        auto moved = moveAside(path, "replaced", clock.wallNow());
        if (!moved)
            return moved;
        replaced = *moved;
    }
    if (std::rename(incoming.c_str(), path.c_str()) != 0)
        return base::unexpected(Errc::StoreUnavailable, path + ": " + std::strerror(errno));
    removeAll(incoming);
    if (auto synced = syncFolderOf(path); !synced)
        return base::Unexpected{synced.error()};
    return replaced;
}

} // namespace weir::store
