// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/guard.h"

#include "llm/dialect.h"
#include "pipeline/exchange.h"
#include "pipeline/origin.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace weir::pipeline {

using base::Errc;

namespace {

constexpr std::array<std::string_view, 3> LoopbackHosts{"127.0.0.1", "localhost", "[::1]"};

/// 1 to 65535, without zeros in front.
bool isPort(std::string_view text)
{
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    return problem == std::errc() && end == text.data() + text.size() && !text.starts_with('0');
}

} // namespace

Verdict Guard::onHead(Exchange &exchange)
{
    const http::RequestHead &head = exchange.head();
    // HTTP/1.0 may come without a Host; without one nothing says that it is meant for us.
    const auto host = head.headers.find("host");
    if (!host || !isOurHost(*host))
        return exchange.refuse({Errc::HostNotAllowed, "call Weir as 127.0.0.1, localhost or [::1]"});
    if (const auto origin = head.headers.find("origin")) {
        if (!isOurOrigin(*origin))
            return exchange.refuse({Errc::OriginNotAllowed, "listen.allow_origins can name the Origin of a "
                                                            "program on this machine"});
        exchange.origin = *origin;
        if (isPreflight(head))
            return exchange.answer("text/plain", {});
    } else if (const auto site = head.headers.find("sec-fetch-site");
               site && *site != "none" && *site != "same-origin") {
        return exchange.refuse({Errc::OriginNotAllowed, "the request has a Sec-Fetch-Site header"});
    }
    if (const auto fault = llm::pathFault(head.path()))
        return exchange.refuse({Errc::PathNotAllowed, std::string(*fault)});
    return Verdict::Continue;
}

bool Guard::isOurHost(std::string_view host) const
{
    const auto isAllowed = [this](std::string_view name) {
        return std::any_of(m_options.allowHosts.begin(), m_options.allowHosts.end(),
                           [name](const std::string &one) { return http::equalsIgnoreCase(one, name); });
    };
    if (isAllowed(host))
        return true;
    // With any port: a tunnel or a published port of a container has one of its own, and a page that binds
    // its name to this machine sends the right one anyway.
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && host.back() != ']') {
        if (!isPort(host.substr(colon + 1)))
            return false;
        host = host.substr(0, colon);
    }
    return http::isAmong(LoopbackHosts, host) || isAllowed(host);
}

bool Guard::isOurOrigin(std::string_view origin) const
{
    return isLocalProgram(origin) || std::find(m_options.allowOrigins.begin(), m_options.allowOrigins.end(),
                                               origin) != m_options.allowOrigins.end();
}

} // namespace weir::pipeline
