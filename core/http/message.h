// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/headers.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// Head of a request as the client sent it. `target` is in origin-form ("/v1/messages?beta=true"), undecoded.
struct RequestHead
{
    std::string method;
    std::string target;
    Headers headers;
    std::optional<std::int64_t> contentLength; ///< bytes; absent with chunked or without a body
    bool chunked = false;
    bool expectsContinue = false;
    bool keepAlive = true;
    int minorVersion = 1; ///< of HTTP/1.x; a 1.0 client cannot read chunked replies

    std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
    /// With the question mark; empty without a query.
    std::string_view query() const
    {
        const auto at = target.find('?');
        return at == std::string::npos ? std::string_view{} : std::string_view(target).substr(at);
    }
    bool hasBody() const { return chunked || contentLength.value_or(0) > 0; }
};

/// Head of a response. Framing (Content-Length or chunked) follows from `contentLength`:
/// present = that many bytes; absent = unknown length.
struct ResponseHead
{
    int status = 200; ///< 200–599; 1xx never appears here
    Headers headers;  ///< without Content-Length, Transfer-Encoding and hop-by-hop fields
    std::optional<std::int64_t> contentLength;
    bool closesConnection =
        false; ///< the client's; of a reply of Weir's own: it wants to hear no more of this client
    /// An upstream's: its end cannot be mistaken for a cut, because a length, the last chunk or END_STREAM
    /// tells it. Not where the connection's end is the reply's, nor where a library hides the difference.
    bool showsItsEnd = false;
};

/// RFC 9110 reason phrase, "" for unknown ones.
std::string_view reasonPhrase(int status);

} // namespace weir::http
