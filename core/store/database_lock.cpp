// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database_lock.h"

#include "store/database_file.h"
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::store {

using base::Errc;
using base::Result;

namespace {

std::string ownerOf(int fd)
{
    char text[24] = {};
    if (::pread(fd, text, sizeof text - 1, 0) <= 0)
        return "another process";
    // What a killed owner has left names nobody: then it is not Weir that has the lock.
    const int process = std::atoi(text);
    const bool isThere = process > 0 && (::kill(process, 0) == 0 || errno == EPERM);
    return isThere ? "process id " + std::to_string(process) : "another process";
}

} // namespace

std::string DatabaseLock::adminFileOf(const std::string &path)
{
    return path + ".admin";
}

std::string DatabaseLock::socketOf(const std::string &path)
{
    return path + ".sock";
}

Result<std::unique_ptr<DatabaseLock>> DatabaseLock::take(const std::string &path)
{
    if (auto secured = secureFolder(path); !secured)
        return base::Unexpected{secured.error()};
    const std::string file = path + ".lock";
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return base::unexpected(Errc::StoreUnavailable, file + ": " + std::strerror(errno));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const base::Error why = errno == EWOULDBLOCK
                                    ? base::Error{Errc::StoreInUse, ownerOf(fd)}
                                    : base::Error{Errc::StoreUnavailable, file + ": " + std::strerror(errno)};
        ::close(fd);
        return base::Unexpected{why};
    }
    std::unique_ptr<DatabaseLock> lock(new DatabaseLock(path, fd));
    if (auto removed = lock->removeTraces(); !removed)
        return base::Unexpected{removed.error()};
    // Only for the message above, so a full disk does not matter.
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(fd, 0) == 0)
        (void)!::pwrite(fd, pid.data(), pid.size(), 0);
    return lock;
}

DatabaseLock::~DatabaseLock()
{
    (void)removeTraces(); // what stays is removed, or complained of, by the next owner
    ::close(m_fd);        // the file stays: removing it would let two have the lock
}

Result<void> DatabaseLock::removeTraces() const
{
    for (const std::string &trace : {adminFileOf(m_path), socketOf(m_path)}) {
        if (::unlink(trace.c_str()) != 0 && errno != ENOENT)
            return base::unexpected(Errc::StoreUnavailable, trace + ": " + std::strerror(errno));
    }
    return {};
}

} // namespace weir::store
