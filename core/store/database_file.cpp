// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::store {

using base::Errc;
using base::Result;

namespace {

constexpr mode_t OwnerOnly = S_IRUSR | S_IWUSR;
constexpr mode_t OthersMayWrite = S_IWGRP | S_IWOTH;
constexpr mode_t Shared = S_ISVTX | S_ISGID;
/// Tries for a free name; more files of one second are no accident any more.
constexpr int NamesMax = 100;
constexpr std::size_t CopyBuffer = 256 * 1024;

base::Unexpected failed(const std::string &path, int error)
{
    return base::unexpected(Errc::StoreUnavailable, path + ": " + std::strerror(error));
}

/// A descriptor that closes itself.
class Descriptor
{
public:
    Descriptor(const std::string &path, int flags, mode_t mode = 0)
        : m_fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode))
    {
    }
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;

    bool isOpen() const { return m_fd >= 0; }
    int get() const { return m_fd; }

private:
    const int m_fd;
};

std::string folderOf(const std::string &path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

bool writeAll(int fd, const char *bytes, std::size_t size)
{
    while (size > 0) {
        const ssize_t written = ::write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= std::size_t(written);
    }
    return true;
}

} // namespace

FileKind kindOf(const std::string &path)
{
    struct stat found = {};
    if (::lstat(path.c_str(), &found) != 0)
        return errno == ENOENT ? FileKind::Missing : FileKind::Other;
    if (S_ISLNK(found.st_mode))
        return FileKind::Symlink;
    if (S_ISDIR(found.st_mode))
        return FileKind::Folder;
    if (!S_ISREG(found.st_mode))
        return FileKind::Other;
    return found.st_size == 0 ? FileKind::EmptyFile : FileKind::File;
}

std::vector<std::string> withCompanions(const std::string &path)
{
    // The database last: if moving is interrupted, what is left is found to be damaged again, and a new
    // database never meets the log of the old one.
    return {path + "-wal", path + "-shm", path + "-journal", path};
}

Result<void> secureFolder(const std::string &path)
{
    const std::string folder = folderOf(path);
    struct stat found = {};
    if (::stat(folder.c_str(), &found) != 0) {
        // Those above it as the system likes them, the last one private from its first moment.
        if (!QDir().mkpath(QFile::decodeName(QByteArray::fromStdString(folderOf(folder)))))
            return failed(folder, errno);
        if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
            return failed(folder, errno);
        if (::stat(folder.c_str(), &found) != 0)
            return failed(folder, errno);
    }
    if (!S_ISDIR(found.st_mode))
        return failed(folder, ENOTDIR);
    const bool isOurs = found.st_uid == ::geteuid() && (found.st_mode & Shared) == 0;
    const bool isOpen = (found.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    // A root folder that belongs to us is still the whole system's.
    if (isOurs && isOpen && folder != "/") {
        if (::chmod(folder.c_str(), S_IRWXU) != 0)
            return failed(folder, errno);
    } else if (!isOurs && (found.st_mode & OthersMayWrite) != 0) {
        return base::unexpected(Errc::StoreUnavailable,
                                folder + ": others may write to this folder; choose one of your own");
    }
    return {};
}

Result<void> createPrivateFile(const std::string &path)
{
    const Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL, OwnerOnly);
    if (!file.isOpen())
        return failed(path, errno);
    return {};
}

Result<void> secureFiles(const std::string &path)
{
    for (const std::string &each : withCompanions(path)) {
        if (kindOf(each) == FileKind::Missing)
            continue;
        if (kindOf(each) == FileKind::Symlink)
            return base::unexpected(Errc::StoreUnavailable, each + ": a link is not followed");
        const Descriptor file(each, O_RDONLY | O_NONBLOCK);
        if (!file.isOpen() || ::fchmod(file.get(), OwnerOnly) != 0)
            return failed(each, errno);
    }
    return {};
}

Result<std::string> moveAside(const std::string &path, const std::string &why, base::WallMs now)
{
    const std::string beginning = path + "." + why + "-" +
                                  QDateTime::fromMSecsSinceEpoch(now, Qt::UTC)
                                      .toString(QStringLiteral("yyyyMMdd'T'hhmmss'Z'"))
                                      .toStdString();
    std::string target = beginning;
    for (int number = 2; kindOf(target) != FileKind::Missing; ++number) {
        if (number > NamesMax)
            return failed(beginning, EEXIST);
        target = beginning + "." + std::to_string(number);
    }
    for (const std::string &each : withCompanions(path)) {
        const std::string to = target + each.substr(path.size());
        if (kindOf(each) != FileKind::Missing && std::rename(each.c_str(), to.c_str()) != 0)
            return failed(each, errno);
    }
    return target;
}

Result<void> copyPrivately(const std::string &from, const std::string &to)
{
    const Descriptor source(from, O_RDONLY);
    if (!source.isOpen())
        return failed(from, errno);
    const Descriptor target(to, O_WRONLY | O_CREAT | O_EXCL, OwnerOnly);
    if (!target.isOpen())
        return failed(to, errno);
    std::vector<char> buffer(CopyBuffer);
    for (;;) {
        const ssize_t count = ::read(source.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failed(from, errno);
        if (count == 0)
            break;
        if (!writeAll(target.get(), buffer.data(), std::size_t(count)))
            return failed(to, errno);
    }
    if (::fsync(target.get()) != 0)
        return failed(to, errno);
    return {};
}

Result<void> syncFile(const std::string &path)
{
    const Descriptor file(path, O_RDONLY);
    if (!file.isOpen() || ::fsync(file.get()) != 0)
        return failed(path, errno);
    return {};
}

Result<void> syncFolderOf(const std::string &path)
{
    // "/.": the folder itself may be reached by a link.
    return syncFile(folderOf(path) + "/.");
}

} // namespace weir::store
