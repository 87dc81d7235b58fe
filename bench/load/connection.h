// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/clock.h"
#include "load/reply_scanner.h"
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace weir::load {

/// Where to connect to.
struct Address
{
    sockaddr_storage storage{};
    socklen_t size = 0;
};
/// Of a numeric host ("127.0.0.1", "::1"); absent if it is none.
std::optional<Address> parseAddress(const std::string &host, std::uint16_t port);

/// A keep-alive HTTP/1.1 connection that carries one request at a time and never blocks: neither in
/// connecting nor in sending. One object lives on through many sockets. Errors are errno values.
class Connection
{
public:
    enum class State : std::uint8_t
    {
        Closed,
        Connecting,
        Idle,
        Sending,   ///< a part of the request waits until the socket takes it
        Receiving, ///< the whole request is sent
    };

    explicit Connection(std::uint32_t index) : m_index(index) {}
    ~Connection() { close(); }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    State state() const { return m_state; }
    bool isBusy() const { return m_state == State::Sending || m_state == State::Receiving; }
    int descriptor() const { return m_descriptor; }
    std::uint32_t index() const { return m_index; }
    /// Which socket this is, so that what epoll tells of an earlier one is known as such.
    std::uint32_t generation() const { return m_generation; }
    /// What the request counts from: its intended time, or that of sending.
    Nanos from() const { return m_from; }
    /// When to give up what is going on, or, while Closed, when to open again (0 = not).
    Nanos due() const { return m_due; }
    void setDue(Nanos due) { m_due = due; }
    ReplyScanner &reply() { return m_reply; }

    /// Begins to connect; 0 or why not. It is Connecting even if it stands at once: the socket becomes
    /// writable, so that one way leads on.
    int open(const Address &address);
    /// Once it is writable: 0 and Idle, or why it was not connected.
    int finishConnecting();
    /// Only while Idle. Borrows `request` until the reply is there. 0 or an error.
    int send(std::string_view request, Nanos from);
    /// Sends on once it is writable.
    int sendMore();
    /// What came, part of `buffer`. Empty with `error` 0: the peer has closed; EAGAIN: nothing came.
    std::string_view read(std::span<char> buffer, int &error);
    /// The reply is complete: another request may be sent.
    void rest() { m_state = State::Idle; }
    void close();

private:
    const std::uint32_t m_index;
    std::uint32_t m_generation = 0;
    int m_descriptor = -1;
    State m_state = State::Closed;
    Nanos m_from = 0;
    Nanos m_due = 0;
    std::string_view m_unsent;
    ReplyScanner m_reply;
};

} // namespace weir::load
