// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/qnam_head.h"

#include "http/limits.h"
#include "http/response_parser.h"
#include <algorithm>

namespace weir::upstream {

using base::Errc;

namespace {

/// More digits do not fit into 63 bits.
constexpr std::size_t LengthDigitsMax = 18;

base::Unexpected broken(std::string why)
{
    return base::unexpected(Errc::UpstreamProtocol, std::move(why));
}

bool isNumber(std::string_view text)
{
    return !text.empty() && text.size() <= LengthDigitsMax &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

base::Result<void> addFields(http::Headers &headers, const QNetworkReply &reply)
{
    std::size_t size = 0;
    for (const auto &[nameBytes, valueBytes] : reply.rawHeaderPairs()) {
        const std::string_view name(nameBytes.constData(), std::size_t(nameBytes.size()));
        size += name.size() + std::size_t(valueBytes.size());
        if (size > http::HeadMax || headers.size() >= http::FieldCountMax)
            return broken("the head of the reply is too large");
        // Qt joins repeated Set-Cookie fields with line feeds; any other line break came from outside.
        const bool isJoined = http::equalsIgnoreCase(name, "set-cookie");
        const QList<QByteArray> values = isJoined ? valueBytes.split('\n') : QList{valueBytes};
        for (const QByteArray &bytes : values) {
            const std::string_view value(bytes.constData(), std::size_t(bytes.size()));
            if (!http::isValidFieldName(name) || !http::isValidFieldValue(value))
                return broken("invalid header field");
            headers.add(name, value);
        }
    }
    return {};
}

} // namespace

base::Result<http::ResponseHead> readHead(const QNetworkReply &reply)
{
    http::ResponseHead head;
    head.status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    // Qt hands some interim replies up as final ones.
    if (head.status < 200 || head.status > 599)
        return broken("status " + std::to_string(head.status));
    // What is left of one that is too large for Qt.
    if (reply.rawHeaderPairs().isEmpty())
        return broken("a head without fields");
    if (const auto added = addFields(head.headers, reply); !added)
        return base::Unexpected{added.error()};
    const auto coding = head.headers.find("transfer-encoding");
    const auto length = head.headers.find("content-length");
    if (coding && !http::equalsIgnoreCase(*coding, "chunked"))
        return broken("unknown transfer coding");
    if (coding && length)
        return broken("more than one length");
    if (length) {
        if (!isNumber(*length)) // two of them are one text with a comma by now
            return broken("invalid Content-Length");
        head.contentLength = std::stoll(std::string(*length));
    }
    head.headers.remove("content-length");
    head.headers.removeHopByHop();
    return head;
}

} // namespace weir::upstream
