// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <sys/types.h>
#include <vector>

namespace weir::upstream {

/// The TCP connections of one QNetworkAccessManager. Qt makes them in a thread that it hides, and hands none
/// of them out; but where an upstream sends without an end that thread hears of nothing any more, so that the
/// connection has to be ended from outside.
///
/// For that connect() of the C library is wrapped in programs that hold this room (docs/adr/0003-qnam-lane.md
/// says why): it notes which thread connects which socket, and switches Nagle's algorithm off, which Qt
/// leaves on. A socket is known by its cookie, which the kernel gives once: a descriptor that was closed, or
/// is somebody else's by now, is left alone.
///
/// Thread of the manager's owner. Knows of no connections where the system tells no cookies.
class QnamSockets
{
public:
    /// Runs `start`, in which Qt makes the thread of the manager. Once, before it connects to anything.
    void adopt(const std::function<void()> &start);

    /// Bytes that Qt has taken from them since the last look.
    std::int64_t look();
    /// Ends the one from which it had taken the most at the last look. What that has received and Qt has not
    /// taken is thrown away; to Qt the upstream has closed it.
    void endBusiest();
    void endAll();

private:
    struct Socket
    {
        int descriptor = -1;
        std::uint64_t cookie = 0;
        std::int64_t taken = 0;  // in all
        std::int64_t latest = 0; // of it, at the last look
    };

    void findNew();

    std::vector<pid_t> m_threads; // Qt's; others that were started at the same moment do not connect
    std::vector<Socket> m_sockets;
};

} // namespace weir::upstream
