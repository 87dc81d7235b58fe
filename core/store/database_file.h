// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include <cstdint>
#include <string>
#include <vector>

namespace weir::store {

/// What lies where the database is expected.
enum class FileKind : std::uint8_t
{
    Missing,
    File,
    EmptyFile,
    Folder,
    Symlink,
    Other ///< a device, a socket, …
};
FileKind kindOf(const std::string &path);

/// The database file and what SQLite keeps beside it, whether there or not.
std::vector<std::string> withCompanions(const std::string &path);

/// Makes sure that nobody else can put a file into the database's folder. A missing folder is made with mode
/// 0700 whatever the umask; one of this user is closed to others; one of another user, or a shared one
/// (sticky or set-group-id, as /tmp), is refused if others may write there.
base::Result<void> secureFolder(const std::string &path);

/// Makes an empty file with mode 0600 whatever the umask. Fails if anything is there, a dangling link too.
base::Result<void> createPrivateFile(const std::string &path);

/// Takes the rights of others to the file and its companions away. Refuses links.
base::Result<void> secureFiles(const std::string &path);

/// Renames what is there to `path`.`why`-<UTC time>, its companions with it, and returns the new name.
/// Replaces nothing: a counter is added where that name is taken.
base::Result<std::string> moveAside(const std::string &path, const std::string &why, base::WallMs now);

/// Copies into a new file of mode 0600.
base::Result<void> copyPrivately(const std::string &from, const std::string &to);

/// Waits until the file's bytes, or the names in its folder, are on the disk.
base::Result<void> syncFile(const std::string &path);
base::Result<void> syncFolderOf(const std::string &path);

} // namespace weir::store
