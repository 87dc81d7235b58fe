// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/json_text.h"

namespace weir::simulator {

std::string quoted(std::string_view text)
{
    constexpr std::string_view Hex = "0123456789abcdef";
    std::string out;
    out.reserve(text.size() + 2);
    out.push_back('"');
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '"' || character == '\\') {
            out.push_back('\\');
            out.push_back(character);
        } else if (byte < 0x20) {
            out.append("\\u00");
            out.push_back(Hex[byte >> 4U]);
            out.push_back(Hex[byte & 0xFU]);
        } else {
            out.push_back(character);
        }
    }
    out.push_back('"');
    return out;
}

} // namespace weir::simulator
