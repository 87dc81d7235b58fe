// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/admin_socket.h"

#include "store/database_lock.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::engine {

using base::Errc;
using base::Result;

namespace {

constexpr int Kind = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

/// Does bind() or connect() with the socket `path`; the error's number, 0 = done. An address has room for 108
/// bytes, which a data folder may exceed: so the folder is opened, and named by its descriptor.
int callWithPath(int (*call)(int, const sockaddr *, socklen_t), int fd, const std::string &path)
{
    const std::size_t nameAt = path.rfind('/') + 1; // 0 without a folder
    const std::string folder = nameAt == 0 ? "." : path.substr(0, nameAt);
    const int folderFd = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folderFd < 0)
        return errno;
    const std::string shortPath = "/proc/self/fd/" + std::to_string(folderFd) + '/' + path.substr(nameAt);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    int error = ENAMETOOLONG;
    if (shortPath.size() < sizeof address.sun_path) {
        std::memcpy(address.sun_path, shortPath.c_str(), shortPath.size());
        error = call(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ? 0 : errno;
    }
    ::close(folderFd);
    return error;
}

base::Unexpected failed(const std::string &path, int error)
{
    return base::unexpected(Errc::StoreUnavailable, path + ": " + std::strerror(error));
}

ucred peerOf(int fd)
{
    ucred peer = {0, uid_t(-1), gid_t(-1)};
    socklen_t size = sizeof peer;
    ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    return peer;
}

} // namespace

Result<AdminSocket> AdminSocket::listen(const std::string &database)
{
    const std::string path = store::DatabaseLock::socketOf(database);
    AdminSocket socket(::socket(AF_UNIX, Kind, 0));
    if (socket.m_fd < 0)
        return failed(path, errno);
    if (const int error = callWithPath(::bind, socket.m_fd, path); error != 0)
        return failed(path, error);
    // Nobody can connect before listen(), so the mode it has until then, by the umask, lets nobody in.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket.m_fd, Backlog) != 0)
        return failed(path, errno);
    return socket;
}

Result<std::optional<AdminSocket>> AdminSocket::connect(const std::string &database)
{
    const std::string path = store::DatabaseLock::socketOf(database);
    AdminSocket socket(::socket(AF_UNIX, Kind, 0));
    if (socket.m_fd < 0)
        return failed(path, errno);
    switch (const int error = callWithPath(::connect, socket.m_fd, path)) {
    case 0:
        break;
    case ENOENT:
    case ECONNREFUSED: // its process has gone
    case EAGAIN:       // too many wait
        return std::optional<AdminSocket>();
    default:
        return failed(path, error);
    }
    if (!socket.isOfThisUser()) {
        return base::unexpected(Errc::StoreInUse, "process id " + std::to_string(socket.peerProcess()) +
                                                      " of another user. Ask as that user");
    }
    return std::optional(std::move(socket));
}

Result<std::optional<AdminSocket>> AdminSocket::accept() const
{
    for (;;) {
        AdminSocket next(::accept4(m_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (next.m_fd < 0 && errno == EAGAIN)
            return std::optional<AdminSocket>();
        if (next.m_fd < 0)
            return base::unexpected(Errc::StoreUnavailable, std::strerror(errno));
        if (next.isOfThisUser())
            return std::optional(std::move(next));
    }
}

AdminSocket::~AdminSocket()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

pid_t AdminSocket::peerProcess() const
{
    return peerOf(m_fd).pid;
}

bool AdminSocket::isOfThisUser() const
{
    return peerOf(m_fd).uid == ::geteuid();
}

} // namespace weir::engine
