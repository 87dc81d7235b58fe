// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <memory>
#include <optional>
#include <QMetaType>
#include <string>
#include <sys/types.h>

namespace weir::engine {

/// One end of weir.db.sock, the UNIX socket by which commands reach the process that has the database open
/// (docs/adr/0009). It lies beside the database, in a folder that is closed to others, with mode 0600, and
/// each end asks the kernel whose the other one is. A value that is moved; closes its descriptor when it
/// goes.
class AdminSocket
{
public:
    /// Connections that wait in the kernel until they are accepted.
    static constexpr int Backlog = 64;

    /// For who has the lock of `database`, which has removed what was there (store::DatabaseLock).
    static base::Result<AdminSocket> listen(const std::string &database);
    /// Does not wait; nothing where nobody listens, or more than Backlog wait already. StoreInUse if it is
    /// another user who listens: nothing is said to that one.
    static base::Result<std::optional<AdminSocket>> connect(const std::string &database);
    /// Of a listening one: the next connection of this user, nothing where nobody waits. Others are closed
    /// unheard. StoreUnavailable where one waits and cannot be let in now. Does not wait.
    base::Result<std::optional<AdminSocket>> accept() const;

    AdminSocket(AdminSocket &&other) noexcept : m_fd(other.release()) {}
    AdminSocket &operator=(AdminSocket &&) = delete;
    ~AdminSocket();

    int descriptor() const { return m_fd; }
    /// Who takes it closes it.
    int release() { return std::exchange(m_fd, -1); }
    /// Of the process at the other end; of a listening one, this process.
    pid_t peerProcess() const;

private:
    explicit AdminSocket(int fd) : m_fd(fd) {}
    bool isOfThisUser() const;

    int m_fd;
};

} // namespace weir::engine

Q_DECLARE_METATYPE(std::shared_ptr<weir::engine::AdminSocket>)
