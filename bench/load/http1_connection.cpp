// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/http1_connection.h"
#include <array>
#include <cerrno>
#include <cstring>
#include <llhttp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::load {

namespace {

constexpr int ErrorStatus = 400;

} // namespace

struct Http1Connection::Parser
{
    Parser()
    {
        llhttp_settings_init(&settings);
        settings.on_message_complete = [](llhttp_t *parser) {
            static_cast<Parser *>(parser->data)->complete = true;
            return 0;
        };
        reset();
    }

    void reset()
    {
        llhttp_init(&state, HTTP_RESPONSE, &settings);
        state.data = this;
        complete = false;
    }

    llhttp_settings_t settings{};
    llhttp_t state{};
    bool complete = false;
};

base::Result<std::unique_ptr<Http1Connection>> Http1Connection::open(std::uint16_t port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto refused = [&] {
        const std::string why = std::strerror(errno); // NOLINT(concurrency-mt-unsafe): one thread
        if (descriptor >= 0)
            ::close(descriptor);
        return base::unexpected(base::Errc::UpstreamRefused,
                                "127.0.0.1:" + std::to_string(port) + ": " + why);
    };
    if (descriptor < 0)
        return refused();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Connecting blocks, reading must not: the option is set afterwards.
    if (::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return refused();
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return std::unique_ptr<Http1Connection>(new Http1Connection(descriptor));
}

Http1Connection::Http1Connection(int descriptor)
    : m_descriptor(descriptor), m_parser(std::make_unique<Parser>())
{
}

Http1Connection::~Http1Connection()
{
    ::close(m_descriptor);
}

bool Http1Connection::send(std::string_view request)
{
    m_busy = true;
    m_parser->reset();
    return ::send(m_descriptor, request.data(), request.size(), MSG_NOSIGNAL) == ssize_t(request.size());
}

Http1Connection::Progress Http1Connection::receive()
{
    std::array<char, 64 * 1024> buffer;
    const ssize_t size = ::recv(m_descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return Progress::Pending;
    if (size <= 0 || llhttp_execute(&m_parser->state, buffer.data(), std::size_t(size)) != HPE_OK)
        return Progress::Failed;
    if (!m_parser->complete)
        return Progress::Pending;
    m_busy = false;
    return m_parser->state.status_code < ErrorStatus ? Progress::Done : Progress::Failed;
}

} // namespace weir::load
