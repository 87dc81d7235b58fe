// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/request_rules.h"

#include <algorithm>
#include <charconv>

namespace weir::http {

using base::Errc;

namespace {

bool isTargetByte(char character)
{
    const auto byte = static_cast<unsigned char>(character);
    return byte > 0x20 && byte < 0x7F && byte != '#' && byte != '\\';
}

/// Brings the target to origin-form (RFC 9112 §3.2); an absolute one must name the same authority as Host.
base::Result<void> normaliseTarget(RequestHead &head)
{
    if (!std::all_of(head.target.begin(), head.target.end(), isTargetByte))
        return malformed("invalid byte in the target");
    if (head.target.starts_with('/'))
        return {};
    if (head.target == "*" && head.method == "OPTIONS")
        return {};
    constexpr std::string_view Scheme = "http://";
    if (!equalsIgnoreCase(std::string_view(head.target).substr(0, Scheme.size()), Scheme))
        return malformed("the target is not a path");
    const std::size_t end = std::min(head.target.find_first_of("/?", Scheme.size()), head.target.size());
    const std::string authority = head.target.substr(Scheme.size(), end - Scheme.size());
    if (!equalsIgnoreCase(authority, head.headers.find("host").value_or(std::string_view{})))
        return base::unexpected(Errc::HostNotAllowed, "target and Host differ");
    head.target.erase(0, end);
    if (!head.target.starts_with('/'))
        head.target.insert(head.target.begin(), '/');
    return {};
}

/// How long the body is (RFC 9112 §6), and nothing that two programs could understand differently.
base::Result<void> readFraming(RequestHead &head)
{
    const std::size_t lengths = head.headers.count("content-length");
    const std::size_t encodings = head.headers.count("transfer-encoding");
    if (encodings > 0) {
        if (head.minorVersion == 0)
            return malformed("Transfer-Encoding in HTTP/1.0");
        if (lengths > 0)
            return malformed("both Content-Length and Transfer-Encoding");
        if (encodings > 1 || !equalsIgnoreCase(*head.headers.find("transfer-encoding"), "chunked"))
            return malformed("a Transfer-Encoding other than chunked");
        head.chunked = true;
    }
    if (lengths > 1)
        return malformed("more than one Content-Length");
    if (lengths == 1) {
        const std::string_view text = *head.headers.find("content-length");
        std::int64_t value = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool isNumber = problem == std::errc() && end == text.data() + text.size() && text[0] != '-';
        if (!isNumber)
            return malformed("Content-Length is not a number");
        head.contentLength = value;
    }
    return {};
}

/// RFC 9110 §10.1.1. Each of several Expect fields counts; in HTTP/1.0 none does.
base::Result<void> readExpectation(RequestHead &head)
{
    if (head.minorVersion == 0)
        return {};
    for (const auto field : head.headers) {
        if (!equalsIgnoreCase(field.name, "expect"))
            continue;
        if (!equalsIgnoreCase(field.value, "100-continue"))
            return base::unexpected(Errc::ExpectationFailed);
        head.expectsContinue = head.hasBody();
    }
    return {};
}

} // namespace

base::Unexpected malformed(std::string why)
{
    return base::unexpected(Errc::MalformedRequest, std::move(why));
}

base::Result<void> checkRequest(RequestHead &head)
{
    // Nothing to tunnel to; and what TRACE echoes would hold the key that Weir adds.
    if (head.method == "CONNECT" || head.method == "TRACE")
        return base::unexpected(Errc::MethodNotAllowed, "CONNECT and TRACE are nowhere");
    const std::size_t hosts = head.headers.count("host");
    if (hosts > 1 || (hosts == 0 && head.minorVersion == 1))
        return malformed(hosts == 0 ? "no Host" : "more than one Host");
    if (const auto target = normaliseTarget(head); !target)
        return target;
    if (const auto framing = readFraming(head); !framing)
        return framing;
    if (const auto expectation = readExpectation(head); !expectation)
        return expectation;
    // RFC 9112 §9.3: close wins, whatever else is said.
    head.keepAlive = !head.headers.listContains("connection", "close") &&
                     (head.minorVersion == 1 || head.headers.listContains("connection", "keep-alive"));
    return {};
}

} // namespace weir::http
