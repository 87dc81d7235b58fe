// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/guard.h"

#include "pipeline/exchange.h"
#include <array>
#include <charconv>
#include <string>

namespace weir::pipeline {

using base::Errc;

namespace {

constexpr std::array<std::string_view, 3> LoopbackHosts{"127.0.0.1", "localhost", "[::1]"};

/// A path that two programs could read differently: dot segments, doubled or encoded slashes, encoded NUL.
bool isAmbiguousPath(std::string_view path)
{
    if (path.find("//") != std::string_view::npos || path.find('\\') != std::string_view::npos)
        return true;
    const bool isPlain = path.find('%') == std::string_view::npos; // as nearly always: nothing to decode
    std::string decoded;                                           // of the bytes that matter only, once
    for (std::size_t at = 0; !isPlain && at < path.size(); ++at) {
        if (path[at] != '%') {
            decoded += path[at];
            continue;
        }
        const std::string_view code = path.substr(at, 3);
        if (code.size() < 3 || http::equalsIgnoreCase(code, "%2f") || http::equalsIgnoreCase(code, "%5c") ||
            code == "%00")
            return true;
        if (http::equalsIgnoreCase(code, "%2e")) {
            decoded += '.';
            at += 2;
            continue;
        }
        decoded += '%';
    }
    const std::string_view read = isPlain ? path : std::string_view(decoded);
    for (std::size_t begin = 0; begin < read.size();) {
        const std::size_t end = std::min(read.find('/', begin), read.size());
        const std::string_view segment = read.substr(begin, end - begin);
        if (segment == "." || segment == "..")
            return true;
        begin = end + 1;
    }
    return false;
}

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
    if (isAmbiguousPath(head.path()))
        return exchange.refuse({Errc::MalformedRequest, "ambiguous path"});
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
