// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace weir::load {

/// Where requests go and what is sent: one arm of a comparison.
struct Target
{
    std::string name;               ///< "direct", "weir", "nginx" …
    std::string host = "127.0.0.1"; ///< numeric address
    std::uint16_t port = 0;
    std::string request; ///< a whole HTTP/1.1 request, sent as it is
};

} // namespace weir::load
