// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/qnam_sockets.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/tcp.h> // of the C library's own an older tcp_info
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>

namespace weir::upstream {

namespace {

std::optional<std::uint64_t> cookieOf(int descriptor)
{
    std::uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0)
        return std::nullopt;
    return cookie;
}

/// Who has connected what. The one thing here that all threads use.
class ConnectNotes
{
public:
    struct Note
    {
        int descriptor;
        std::uint64_t cookie;
    };

    void add(int descriptor, std::uint64_t cookie, pid_t thread)
    {
        const std::lock_guard lock(m_mutex);
        m_notes.insert_or_assign(descriptor, Entry{cookie, thread});
    }
    void remove(const Note &note)
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_notes.find(note.descriptor);
        if (found != m_notes.end() && found->second.cookie == note.cookie)
            m_notes.erase(found);
    }
    std::vector<Note> by(const std::vector<pid_t> &threads) const
    {
        const std::lock_guard lock(m_mutex);
        std::vector<Note> notes;
        for (const auto &[descriptor, entry] : m_notes) {
            if (std::find(threads.begin(), threads.end(), entry.thread) != threads.end())
                notes.push_back({descriptor, entry.cookie});
        }
        return notes;
    }

private:
    struct Entry
    {
        std::uint64_t cookie;
        pid_t thread;
    };

    mutable std::mutex m_mutex;
    std::unordered_map<int, Entry>
        m_notes; // one for each descriptor at most: a new socket takes the place of the old
};

ConnectNotes &notes()
{
    static ConnectNotes &notes =
        *new ConnectNotes; // for ever: Qt's threads may connect while statics are destroyed
    return notes;
}

void noteConnect(int descriptor, const sockaddr *address)
{
    if (!address || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
        return;
    // Over HTTP/2 a POST is two writes (HEADERS, DATA): Nagle's algorithm would hold the second back until
    // the peer acknowledges the first, which takes it 40 ms. Fails for whatever is not TCP, and that is the
    // whole test.
    const int on = 1;
    if (::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        return;
    if (const auto cookie = cookieOf(descriptor))
        notes().add(descriptor, *cookie, ::gettid());
}

std::vector<pid_t> threadsOfThisProcess()
{
    std::vector<pid_t> threads;
    const auto close = [](DIR *folder) { ::closedir(folder); };
    const std::unique_ptr<DIR, decltype(close)> folder(::opendir("/proc/self/task"), close);
    while (const dirent *entry =
               folder ? ::readdir(folder.get()) : nullptr) { // NOLINT(concurrency-mt-unsafe): ours
        if (const long thread = std::strtol(entry->d_name, nullptr, 10); thread > 0)
            threads.push_back(pid_t(thread));
    }
    return threads;
}

/// Bytes that have been read from it; absent if it is not the socket of that cookie any longer.
std::optional<std::int64_t> takenFrom(int descriptor, std::uint64_t cookie)
{
    tcp_info info{};
    socklen_t size = sizeof info;
    int waiting = 0;
    const bool isTold = ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                        ::ioctl(descriptor, FIONREAD, &waiting) == 0;
    // Asked last: once closed, a descriptor never becomes the same socket again, so it was this one all the
    // time.
    if (cookieOf(descriptor) != cookie)
        return std::nullopt;
    const bool hasBytes = size >= offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received;
    return isTold && hasBytes ? std::int64_t(info.tcpi_bytes_received) - waiting : 0;
}

void end(int descriptor, std::uint64_t cookie)
{
    // A descriptor of our own holds on to whatever is there now, so that it stays the socket that was asked
    // about.
    const int held = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (held < 0)
        return; // closed, or none is left; then the next look tries again
    if (cookieOf(held) == cookie) {
        ::shutdown(held, SHUT_RDWR); // from now on the kernel answers what comes with a reset
        // Qt would still read what came before, and of a head in cleartext each byte for itself. Nothing is
        // added to it any more, so this ends with the kernel's buffer.
        std::array<char, 64 * 1024> rest;
        while (::recv(held, rest.data(), rest.size(), MSG_DONTWAIT) > 0) {
        }
    }
    ::close(held);
}

} // namespace

void QnamSockets::adopt(const std::function<void()> &start)
{
    static std::mutex oneAtATime; // so that the threads of two managers are not taken for each other's
    const std::lock_guard lock(oneAtATime);
    const std::vector<pid_t> before = threadsOfThisProcess();
    start();
    m_threads = threadsOfThisProcess();
    std::erase_if(m_threads, [&](pid_t thread) {
        return std::find(before.begin(), before.end(), thread) != before.end();
    });
}

void QnamSockets::findNew()
{
    for (const ConnectNotes::Note &note : notes().by(m_threads)) {
        if (std::none_of(m_sockets.begin(), m_sockets.end(),
                         [&](const Socket &socket) { return socket.cookie == note.cookie; }))
            m_sockets.push_back({note.descriptor, note.cookie});
    }
}

std::int64_t QnamSockets::look()
{
    findNew();
    std::int64_t sum = 0;
    std::erase_if(m_sockets, [&](Socket &socket) {
        const auto taken = takenFrom(socket.descriptor, socket.cookie);
        if (!taken) {
            notes().remove({socket.descriptor, socket.cookie});
            return true;
        }
        socket.latest = std::max<std::int64_t>(*taken - socket.taken, 0);
        socket.taken += socket.latest;
        sum += socket.latest;
        return false;
    });
    return sum;
}

void QnamSockets::endBusiest()
{
    const auto busiest =
        std::max_element(m_sockets.begin(), m_sockets.end(),
                         [](const Socket &a, const Socket &b) { return a.latest < b.latest; });
    if (busiest != m_sockets.end())
        end(busiest->descriptor, busiest->cookie);
}

void QnamSockets::endAll()
{
    findNew();
    for (const Socket &socket : m_sockets)
        end(socket.descriptor, socket.cookie);
}

} // namespace weir::upstream

/// Stands before the C library's for this program and all libraries in it.
extern "C" int connect(int descriptor, const sockaddr *address, socklen_t size)
{
    using Connect = int (*)(int, const sockaddr *, socklen_t);
    static const auto next = reinterpret_cast<Connect>(::dlsym(RTLD_NEXT, "connect"));
    weir::upstream::noteConnect(descriptor, address);
    return next(descriptor, address, size);
}
