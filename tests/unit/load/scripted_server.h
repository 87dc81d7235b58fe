// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <arpa/inet.h>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

/// A server whose every connection runs a script of the test, in a thread of its own.
class ScriptedServer
{
public:
    /// One connection, as its script sees it.
    class Session
    {
    public:
        explicit Session(int descriptor) : m_descriptor(descriptor) {}

        /// The next request, head and body (by Content-Length); empty once the peer has closed.
        std::string read()
        {
            constexpr std::string_view LengthField = "Content-Length: ";
            std::string request;
            for (std::size_t wanted = 0; wanted == 0 || request.size() < wanted;) {
                char buffer[16 * 1024];
                const ssize_t size = ::recv(m_descriptor, buffer, sizeof buffer, 0);
                if (size <= 0)
                    return {};
                request.append(buffer, std::size_t(size));
                const auto end = request.find("\r\n\r\n");
                if (wanted > 0 || end == std::string::npos)
                    continue;
                wanted = end + 4;
                if (const auto at = request.find(LengthField); at < end)
                    wanted += std::stoul(request.substr(at + LengthField.size()));
            }
            return request;
        }

        bool write(std::string_view bytes)
        {
            while (!bytes.empty()) {
                const ssize_t sent = ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (sent <= 0)
                    return false;
                bytes.remove_prefix(std::size_t(sent));
            }
            return true;
        }

    private:
        const int m_descriptor;
    };
    /// The connection is closed when it returns.
    using Script = std::function<void(Session &)>;

    /// `backlog` as of listen(2); with `accepts` false nobody ever takes a connection.
    explicit ScriptedServer(Script script, int backlog = 512, bool accepts = true)
        : m_script(std::move(script)), m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(m_listener, reinterpret_cast<sockaddr *>(&address), size);
        ::listen(m_listener, backlog);
        ::getsockname(m_listener, reinterpret_cast<sockaddr *>(&address), &size);
        m_port = ntohs(address.sin_port);
        if (accepts)
            m_acceptor = std::thread([this] { accept(); });
    }
    ~ScriptedServer() { die(); }
    ScriptedServer(const ScriptedServer &) = delete;
    ScriptedServer &operator=(const ScriptedServer &) = delete;

    std::uint16_t port() const { return m_port; }
    int accepted() const { return m_accepted; }

    /// As if the process had been killed: nobody listens any more, and all connections end.
    void die()
    {
        if (m_isDead.exchange(true))
            return;
        ::shutdown(m_listener, SHUT_RDWR);
        if (m_acceptor.joinable())
            m_acceptor.join();
        ::close(m_listener);
        {
            const std::lock_guard lock(m_mutex);
            for (const int descriptor : m_open)
                ::shutdown(descriptor, SHUT_RDWR);
        }
        for (std::thread &thread : m_threads)
            thread.join();
    }

private:
    void accept()
    {
        while (true) {
            const int descriptor = ::accept(m_listener, nullptr, nullptr);
            if (descriptor < 0 || m_isDead) {
                if (descriptor >= 0)
                    ::close(descriptor);
                return;
            }
            const int on = 1;
            ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            ++m_accepted;
            const std::lock_guard lock(m_mutex);
            m_open.push_back(descriptor);
            m_threads.emplace_back([this, descriptor] {
                Session session(descriptor);
                m_script(session);
                const std::lock_guard closing(m_mutex);
                std::erase(m_open, descriptor);
                ::close(descriptor);
            });
        }
    }

    const Script m_script;
    const int m_listener;
    std::uint16_t m_port = 0;
    std::thread m_acceptor;
    std::atomic<bool> m_isDead = false;
    std::atomic<int> m_accepted = 0;
    std::mutex m_mutex;
    std::vector<int> m_open;
    std::vector<std::thread> m_threads;
};

inline constexpr std::string_view OkReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Answers every request with `reply`.
inline ScriptedServer::Script answering(std::string_view reply)
{
    return [reply](ScriptedServer::Session &session) {
        while (!session.read().empty() && session.write(reply)) {
        }
    };
}
