// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/response_encoder.h"

#include <array>
#include <charconv>

namespace weir::http {

namespace {

void append(QByteArray &out, std::string_view text)
{
    out.append(text.data(), qsizetype(text.size()));
}

void appendNumber(QByteArray &out, std::int64_t number, int base = 10)
{
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out.append(digits.data(), end - digits.data());
}

/// Fields that this encoder writes itself, or that belong to the connection the reply came from.
bool isFraming(std::string_view name)
{
    return equalsIgnoreCase(name, "content-length") || isHopByHop(name);
}

} // namespace

QByteArray encodeHead(const ResponseHead &head, BodyFraming framing, bool keepAlive)
{
    qsizetype size = 128;
    for (const auto field : head.headers)
        size += qsizetype(field.name.size() + field.value.size() + 4);
    QByteArray out;
    out.reserve(size);
    append(out, "HTTP/1.1 ");
    appendNumber(out, head.status);
    out.append(' ');
    append(out, reasonPhrase(head.status));
    append(out, "\r\n");
    for (const auto field : head.headers) {
        if (isFraming(field.name) || !isValidFieldName(field.name) || !isValidFieldValue(field.value))
            continue;
        append(out, field.name);
        append(out, ": ");
        append(out, field.value);
        append(out, "\r\n");
    }
    // A reply to HEAD may tell the length that GET would have; 204 must not (RFC 9110 §8.6).
    const bool tellsLength = framing == BodyFraming::ContentLength ||
                             (framing == BodyFraming::None && head.status != 204 && head.contentLength);
    if (tellsLength) {
        append(out, "Content-Length: ");
        appendNumber(out, head.contentLength.value_or(0));
        append(out, "\r\n");
    } else if (framing == BodyFraming::Chunked) {
        append(out, "Transfer-Encoding: chunked\r\n");
    }
    if (!keepAlive)
        append(out, "Connection: close\r\n");
    append(out, "\r\n");
    return out;
}

QByteArray encodeChunk(const QByteArray &bytes)
{
    Q_ASSERT(!bytes.isEmpty());
    QByteArray out;
    out.reserve(bytes.size() + 20);
    appendNumber(out, bytes.size(), 16);
    append(out, "\r\n");
    out.append(bytes);
    append(out, "\r\n");
    return out;
}

QByteArray encodeLastChunk()
{
    return QByteArrayLiteral("0\r\n\r\n");
}

} // namespace weir::http
