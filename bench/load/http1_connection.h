// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::load {

/// A keep-alive HTTP/1.1 connection to a port of 127.0.0.1 that carries one request at a time. A plain
/// non-blocking socket: what the generator costs must not show in what it measures.
class Http1Connection
{
public:
    static base::Result<std::unique_ptr<Http1Connection>> open(std::uint16_t port);
    ~Http1Connection();
    Http1Connection(const Http1Connection &) = delete;
    Http1Connection &operator=(const Http1Connection &) = delete;

    int descriptor() const { return m_descriptor; }
    bool isBusy() const { return m_busy; }

    /// Sends a request in one write. Only while not busy; false if the socket did not take all of it.
    bool send(std::string_view request);

    enum class Progress
    {
        Pending,
        Done,   ///< the whole response is there, status below 400
        Failed, ///< an error status, bytes that are no HTTP, or the connection ended; open another one
    };
    /// Reads what has come.
    Progress receive();

private:
    struct Parser;

    explicit Http1Connection(int descriptor);

    const int m_descriptor;
    bool m_busy = false;
    std::unique_ptr<Parser> m_parser;
};

} // namespace weir::load
