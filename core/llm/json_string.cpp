// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_string.h"

#include <cstdint>

namespace weir::llm {

namespace {

constexpr std::size_t HexDigits = 4;
constexpr char32_t Replacement = 0xFFFD;

bool isHighSurrogate(char32_t unit)
{
    return unit >= 0xD800 && unit < 0xDC00;
}

bool isLowSurrogate(char32_t unit)
{
    return unit >= 0xDC00 && unit < 0xE000;
}

/// The four digits behind \u; the caller knows that they are there.
char32_t hexUnit(std::string_view digits)
{
    char32_t unit = 0;
    for (const char digit : digits.substr(0, HexDigits))
        unit = unit * 16 + char32_t(hexDigit(digit));
    return unit;
}

void appendUtf8(std::string &text, char32_t point)
{
    const auto tail = [&text, point](int shift) { text += char(0x80 | ((point >> shift) & 0x3F)); };
    if (point < 0x80) {
        text += char(point);
    } else if (point < 0x800) {
        text += char(0xC0 | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        text += char(0xE0 | (point >> 12));
        tail(6);
        tail(0);
    } else {
        text += char(0xF0 | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// Takes "XXXX" or "XXXX\uYYYY" from the front of `rest`, which stands behind a \u.
char32_t takeCodePoint(std::string_view &rest)
{
    const char32_t unit = hexUnit(rest);
    rest.remove_prefix(HexDigits);
    if (isHighSurrogate(unit) && rest.starts_with("\\u")) {
        const char32_t second = hexUnit(rest.substr(2));
        if (isLowSurrogate(second)) {
            rest.remove_prefix(2 + HexDigits);
            return 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
        }
    }
    return isHighSurrogate(unit) || isLowSurrogate(unit) ? Replacement : unit;
}

/// The byte that a short escape stands for, e.g. LF for 'n'; '\0' if there is no such escape.
char shortEscape(char name)
{
    switch (name) {
    case '"':
    case '\\':
    case '/':
        return name;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

} // namespace

int hexDigit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    const char lower = char(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string unescaped(std::string_view inside)
{
    std::string text;
    text.reserve(inside.size());
    while (true) {
        const std::size_t backslash = inside.find('\\');
        text.append(inside.substr(0, backslash));
        if (backslash == std::string_view::npos)
            return text;
        const char name = inside[backslash + 1];
        inside.remove_prefix(backslash + 2);
        if (name == 'u')
            appendUtf8(text, takeCodePoint(inside));
        else
            text += shortEscape(name);
    }
}

std::string jsonString(std::string_view text)
{
    constexpr char Hex[] = "0123456789abcdef";
    std::string json;
    json.reserve(text.size() + 2);
    json += '"';
    for (const char byte : text) {
        if (byte == '"' || byte == '\\') {
            json += '\\';
            json += byte;
        } else if (std::uint8_t(byte) < 0x20) {
            json += "\\u00";
            json += Hex[std::uint8_t(byte) >> 4];
            json += Hex[byte & 0xF];
        } else {
            json += byte;
        }
    }
    json += '"';
    return json;
}

bool hasOnlyKnownEscapes(std::string_view json)
{
    std::size_t at = json.find('\\');
    while (at != std::string_view::npos) {
        if (at + 1 == json.size())
            return false;
        const char name = json[at + 1];
        at += 2;
        if (name == 'u') {
            for (const std::size_t end = at + HexDigits; at < end; ++at) {
                if (at >= json.size() || hexDigit(json[at]) < 0)
                    return false;
            }
        } else if (shortEscape(name) == '\0') {
            return false;
        }
        at = json.find('\\', at);
    }
    return true;
}

} // namespace weir::llm
