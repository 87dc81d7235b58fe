// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/connection.h"
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

namespace weir::load {

std::optional<Address> parseAddress(const std::string &host, std::uint16_t port)
{
    Address address;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        address.size = sizeof v4;
        std::memcpy(&address.storage, &v4, sizeof v4);
        return address;
    }
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1)
        return std::nullopt;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.size = sizeof v6;
    std::memcpy(&address.storage, &v6, sizeof v6);
    return address;
}

int Connection::open(const Address &address)
{
    close();
    ++m_generation;
    m_descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (m_descriptor < 0)
        return errno;
    const int on = 1;
    ::setsockopt(m_descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto *where = reinterpret_cast<const sockaddr *>(&address.storage);
    if (::connect(m_descriptor, where, address.size) != 0 && errno != EINPROGRESS) {
        const int error = errno;
        close();
        return error;
    }
    m_state = State::Connecting;
    return 0;
}

int Connection::finishConnecting()
{
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(m_descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0)
        m_state = State::Idle;
    return error;
}

int Connection::send(std::string_view request, Nanos from)
{
    m_from = from;
    m_unsent = request;
    m_reply.reset();
    m_state = State::Sending;
    return sendMore();
}

int Connection::sendMore()
{
    while (!m_unsent.empty()) {
        const ssize_t sent = ::send(m_descriptor, m_unsent.data(), m_unsent.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN ? 0 : errno;
        m_unsent.remove_prefix(std::size_t(sent));
    }
    m_state = State::Receiving;
    return 0;
}

std::string_view Connection::read(std::span<char> buffer, int &error)
{
    const ssize_t size = ::recv(m_descriptor, buffer.data(), buffer.size(), 0);
    error = size < 0 ? (errno == EINTR ? EAGAIN : errno) : 0;
    return size > 0 ? std::string_view(buffer.data(), std::size_t(size)) : std::string_view();
}

void Connection::close()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    m_descriptor = -1;
    m_state = State::Closed;
    m_due = 0;
    m_unsent = {};
}

} // namespace weir::load
