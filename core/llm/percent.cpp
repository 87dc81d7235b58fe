// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/percent.h"

#include "llm/json_string.h"

namespace weir::llm {

namespace {

constexpr std::size_t EncodedSize = 3; // "%41"

/// RFC 3986 §2.3.
bool isUnreserved(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

template<typename Wanted>
std::string decodedWhere(std::string_view text, Wanted &&isWanted)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && text.size() - at >= EncodedSize) {
            const int high = hexDigit(text[at + 1]);
            const int low = hexDigit(text[at + 2]);
            const char byte = char(high * 16 + low);
            if (high >= 0 && low >= 0 && isWanted(byte)) {
                decoded += byte;
                at += EncodedSize - 1;
                continue;
            }
        }
        decoded += text[at];
    }
    return decoded;
}

} // namespace

std::string percentDecoded(std::string_view text)
{
    return decodedWhere(text, [](char) { return true; });
}

std::string unreservedDecoded(std::string_view text)
{
    return decodedWhere(text, isUnreserved);
}

} // namespace weir::llm
