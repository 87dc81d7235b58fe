// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/probe.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::subjects {

namespace {

using Clock = std::chrono::steady_clock;

/// Of a reply's body, where a sentence quotes it.
constexpr std::size_t QuoteMax = 200;

class Socket
{
public:
    explicit Socket(int family)
        : m_descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
    {
    }
    ~Socket() { ::close(m_descriptor); }
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;

    int descriptor() const { return m_descriptor; }

    /// False once `deadline` has passed.
    bool wait(short events, Clock::time_point deadline) const
    {
        while (true) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            pollfd watched{m_descriptor, events, 0};
            const int ready = ::poll(&watched, 1, std::max(0, int(left.count())));
            if (ready >= 0 || errno != EINTR)
                return ready > 0;
        }
    }

private:
    const int m_descriptor;
};

base::Unexpected failed(std::string why)
{
    return base::unexpected(base::Errc::Internal, std::move(why));
}

base::Unexpected failedWith(int number)
{
    return failed(number == ECONNREFUSED ? "the connection was refused" : std::strerror(number));
}

std::string makeRequest(const Subject &subject)
{
    constexpr std::string_view Body =
        R"({"model":"sim-ok","max_tokens":64,"messages":[{"role":"user","content":"Hello"}]})";
    std::string text =
        "POST " + subject.basePath() + "/v1/messages HTTP/1.1\r\nHost: " + subject.host() + ':' +
        std::to_string(subject.port()) +
        "\r\nx-api-key: bench\r\nanthropic-version: 2023-06-01\r\nContent-Type: application/json\r\n"
        "Connection: close\r\nContent-Length: " +
        std::to_string(Body.size()) + "\r\n";
    for (const auto &[name, value] : subject.headers())
        text.append(name).append(": ").append(value).append("\r\n");
    return text.append("\r\n").append(Body);
}

base::Result<std::unique_ptr<Socket>> connectTo(const Subject &subject, Clock::time_point deadline)
{
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *address = nullptr;
    if (::getaddrinfo(subject.host().c_str(), std::to_string(subject.port()).c_str(), &hints, &address) != 0)
        return failed("its address is no numeric one");
    auto socket = std::make_unique<Socket>(address->ai_family);
    const int begun = ::connect(socket->descriptor(), address->ai_addr, address->ai_addrlen);
    int problem = begun == 0 || errno == EINPROGRESS ? 0 : errno;
    ::freeaddrinfo(address);
    if (problem != 0)
        return failedWith(problem);
    if (!socket->wait(POLLOUT, deadline))
        return failed("no connection in time");
    socklen_t size = sizeof problem;
    ::getsockopt(socket->descriptor(), SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem != 0)
        return failedWith(problem);
    return socket;
}

std::string whoIs(const Subject &subject)
{
    return subject.name() + " (" + subject.host() + ':' + std::to_string(subject.port()) + ')';
}

/// Until the other side closes, which it was asked to do.
base::Result<std::string> exchange(const Socket &socket, const std::string &request,
                                   Clock::time_point deadline)
{
    // It fits into any socket's buffer.
    if (::send(socket.descriptor(), request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size()))
        return failed("it takes no request");
    std::string reply;
    while (reply.size() < ProbeReplyMax) {
        if (!socket.wait(POLLIN, deadline))
            return failed("no whole answer in time");
        std::array<char, 4096> bytes;
        const ssize_t count = ::recv(socket.descriptor(), bytes.data(), bytes.size(), 0);
        if (count < 0)
            return failedWith(errno);
        if (count == 0)
            break;
        reply.append(bytes.data(), std::size_t(count));
    }
    return reply;
}

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char byte) { return char(std::tolower(byte)); });
    return text;
}

base::Result<ProbeReply> read(const std::string &bytes)
{
    if (bytes.empty())
        return failed("it closes the connection without an answer");
    constexpr std::string_view Begin = "HTTP/1.1 ";
    const std::size_t headEnd = bytes.find("\r\n\r\n");
    ProbeReply reply;
    if (bytes.compare(0, 7, Begin, 0, 7) != 0 || headEnd == std::string::npos ||
        std::from_chars(bytes.data() + Begin.size(), bytes.data() + headEnd, reply.status).ec != std::errc())
        return failed("what it answers is no HTTP/1.1");
    constexpr std::string_view Label = "\r\nserver:";
    const std::string head = bytes.substr(0, headEnd) + "\r\n";
    if (const std::size_t at = lowered(head).find(Label); at != std::string::npos) {
        const std::size_t begin = head.find_first_not_of(' ', at + Label.size());
        reply.server = head.substr(begin, head.find("\r\n", begin) - begin);
    }
    reply.body = bytes.substr(headEnd + 4);
    return reply;
}

} // namespace

base::Result<ProbeReply> probe(const Subject &subject, std::chrono::milliseconds deadline)
{
    const auto until = Clock::now() + deadline;
    const auto socket = connectTo(subject, until);
    if (!socket)
        return base::Unexpected{socket.error()};
    const auto bytes = exchange(**socket, makeRequest(subject), until);
    if (!bytes)
        return base::Unexpected{bytes.error()};
    return read(*bytes);
}

std::string silenceOf(const Subject &subject, std::chrono::milliseconds deadline)
{
    const auto socket = connectTo(subject, Clock::now() + deadline);
    return socket ? std::string() : whoIs(subject) + " has gone: " + socket.error().detail;
}

std::string problemOf(const Subject &subject, std::chrono::milliseconds deadline)
{
    const auto reply = probe(subject, deadline);
    if (!reply)
        return whoIs(subject) + " cannot be used: " + reply.error().detail;
    if (reply->status < 400)
        return {};
    std::string quote = reply->body.substr(0, QuoteMax);
    std::replace_if(
        quote.begin(), quote.end(), [](unsigned char byte) { return byte < ' '; }, ' ');
    return whoIs(subject) + " answers a plain request with status " + std::to_string(reply->status) + ": " +
           quote;
}

} // namespace weir::subjects
