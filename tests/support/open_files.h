// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <QByteArray>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::test {

/// While it lives, this process may have so many files open: no new descriptor is `most` or higher.
class OpenFilesLimit
{
public:
    explicit OpenFilesLimit(int most)
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        const rlimit limit{rlim_t(most), m_before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    ~OpenFilesLimit() { ::setrlimit(RLIMIT_NOFILE, &m_before); }
    OpenFilesLimit(const OpenFilesLimit &) = delete;
    OpenFilesLimit &operator=(const OpenFilesLimit &) = delete;

    /// All below are in use: with this limit there is none until one of them becomes free.
    static int lowestFree()
    {
        const int descriptor = ::dup(0);
        ::close(descriptor);
        return descriptor;
    }

private:
    rlimit m_before{};
};

/// A client of whom the kernel takes care alone: it is connected before anybody has accepted it, and reads
/// nothing.
class BacklogClient
{
public:
    explicit BacklogClient(quint16 port) : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        m_isConnected = ::connect(m_socket, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0;
    }
    ~BacklogClient() { ::close(m_socket); }
    BacklogClient(const BacklogClient &) = delete;
    BacklogClient &operator=(const BacklogClient &) = delete;

    bool isConnected() const { return m_isConnected; }
    bool send(const QByteArray &bytes)
    {
        return ::send(m_socket, bytes.constData(), std::size_t(bytes.size()), MSG_NOSIGNAL) == bytes.size();
    }
    /// What has come, at most `size` bytes, without waiting.
    QByteArray peek(int size) const
    {
        QByteArray bytes(size, '\0');
        bytes.resize(std::max<qsizetype>(
            ::recv(m_socket, bytes.data(), std::size_t(size), MSG_PEEK | MSG_DONTWAIT), 0));
        return bytes;
    }

private:
    const int m_socket;
    bool m_isConnected = false;
};

} // namespace weir::test
