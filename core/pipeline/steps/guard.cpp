// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/guard.h"

#include "llm/dialect.h"
#include "pipeline/exchange.h"
#include <array>
#include <charconv>
#include <string>

namespace weir::pipeline {

using base::Errc;

namespace {

constexpr std::array<std::string_view, 3> LoopbackHosts{"127.0.0.1", "localhost", "[::1]"};

} // namespace

Verdict Guard::onHead(Exchange &exchange)
{
    const http::RequestHead &head = exchange.head();
    // HTTP/1.0 may come without a Host; without one nothing says that it is meant for us.
    const auto host = head.headers.find("host");
    if (!host || !isOurHost(*host, exchange.arrival().localPort))
        return exchange.refuse(
            {Errc::HostNotAllowed, "call Weir as 127.0.0.1, localhost or [::1], with its own port or none"});
    if (head.headers.contains("origin"))
        return exchange.refuse({Errc::OriginNotAllowed, "the request has an Origin header"});
    const auto site = head.headers.find("sec-fetch-site");
    if (site && *site != "none" && *site != "same-origin")
        return exchange.refuse({Errc::OriginNotAllowed, "the request has a Sec-Fetch-Site header"});
    if (const auto fault = llm::pathFault(head.path()))
        return exchange.refuse({Errc::PathNotAllowed, std::string(*fault)});
    return Verdict::Continue;
}

bool Guard::isOurHost(std::string_view host, std::uint16_t localPort) const
{
    std::array<char, 6> port{':'}; // and five digits
    const auto end = std::to_chars(port.data() + 1, port.data() + port.size(), localPort).ptr;
    const std::string_view suffix(port.data(), std::size_t(end - port.data()));
    if (host.size() > suffix.size() && host.ends_with(suffix))
        host.remove_suffix(suffix.size());
    for (const std::string_view ours : LoopbackHosts) {
        if (http::equalsIgnoreCase(host, ours))
            return true;
    }
    for (const std::string &allowed : m_options.allowHosts) {
        if (http::equalsIgnoreCase(host, allowed))
            return true;
    }
    return false;
}

} // namespace weir::pipeline
