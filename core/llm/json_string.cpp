// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_string.h"

#include <array>
#include <bit>
#include <cstdint>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/// The byte that a short escape stands for, e.g. LF for 'n'.
char shortEscape(char name)
{
    switch (name) {
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
        return name; // quote, backslash and slash
    }
}

/// One flag per byte: whether an escape other than \u has it behind its backslash.
constexpr std::array<bool, 256> ShortEscapes = [] {
    std::array<bool, 256> known{};
    for (const char each : std::string_view("\"\\/bfnrt"))
        known[std::uint8_t(each)] = true;
    return known;
}();

constexpr std::size_t BlockSize = 64;

/// One bit for each backslash in a block, the lowest for its first byte. Code in prompts and tool results has
/// an escape every twenty bytes, too many to look for each by itself.
std::uint64_t backslashesIn(const char *block)
{
    std::uint64_t found = 0;
#ifdef __SSE2__
    const __m128i backslash = _mm_set1_epi8('\\');
    for (std::size_t at = 0; at < BlockSize; at += sizeof(__m128i)) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(block + at));
        found |= std::uint64_t(unsigned(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, backslash)))) << at;
    }
#else
    for (std::size_t at = 0; at < BlockSize; ++at)
        found |= std::uint64_t(block[at] == '\\') << at;
#endif
    return found;
}

/// Checks the escape at `backslash`; `end` becomes the offset behind the byte that it escapes.
bool passEscape(std::string_view json, std::size_t backslash, std::size_t &end)
{
    end = backslash + 2;
    if (end <= json.size() && ShortEscapes[std::uint8_t(json[backslash + 1])]) // as nearly always
        return true;
    const std::string_view behind = json.substr(backslash + 1);
    if (!behind.starts_with('u'))
        return false;
    for (std::size_t at = 1; at <= HexDigits; ++at) {
        if (at >= behind.size() || hexDigit(behind[at]) < 0)
            return false;
    }
    return true;
}

} // namespace

bool isShortEscape(char name)
{
    return ShortEscapes[std::uint8_t(name)];
}

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
    std::size_t escapedUntil = 0; // a backslash before this is itself escaped
    std::size_t at = 0;
    for (; at + BlockSize <= json.size(); at += BlockSize) {
        for (std::uint64_t found = backslashesIn(json.data() + at); found != 0; found &= found - 1) {
            const std::size_t backslash = at + std::size_t(std::countr_zero(found));
            if (backslash >= escapedUntil && !passEscape(json, backslash, escapedUntil))
                return false;
        }
    }
    for (; at < json.size(); ++at) {
        if (json[at] == '\\' && at >= escapedUntil && !passEscape(json, at, escapedUntil))
            return false;
    }
    return true;
}

} // namespace weir::llm
