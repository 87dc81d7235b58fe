// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database_lock.h"

#include <cerrno>
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
    const ssize_t size = ::pread(fd, text, sizeof text, 0);
    return size > 0 ? "process id " + std::string(text, std::size_t(size)) : "another process";
}

} // namespace

Result<std::unique_ptr<DatabaseLock>> DatabaseLock::take(const std::string &path)
{
    const std::string file = path + ".lock";
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return base::unexpected(Errc::StoreUnavailable, file + ": " + std::strerror(errno));
    std::unique_ptr<DatabaseLock> lock(new DatabaseLock(fd));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return base::unexpected(Errc::StoreInUse, ownerOf(fd));
        return base::unexpected(Errc::StoreUnavailable, file + ": " + std::strerror(errno));
    }
    // Only for the message above, so a full disk does not matter.
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(fd, 0) == 0)
        (void)!::pwrite(fd, pid.data(), pid.size(), 0);
    return lock;
}

DatabaseLock::~DatabaseLock()
{
    ::close(m_fd); // the file stays: removing it would let two have the lock
}

} // namespace weir::store
