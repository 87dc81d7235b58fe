// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/text.h"
#include <algorithm>
#include <array>
#include <cstdint>

namespace weir::report {

namespace {

struct Range
{
    char32_t first;
    char32_t last;
};

// Unicode's combining marks and zero-width characters as far as they are met in names.
constexpr std::array ZeroWidth{Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
                               Range{0x064B, 0x065F}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},
                               Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F},
                               Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}};
// UAX #11, classes W and F, in coarse blocks.
constexpr std::array Wide{Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
                          Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
                          Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
                          Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF},
                          Range{0x20000, 0x3FFFD}};

template<std::size_t Size>
bool contains(const std::array<Range, Size> &ranges, char32_t point)
{
    return std::any_of(ranges.begin(), ranges.end(),
                       [point](const Range &range) { return point >= range.first && point <= range.last; });
}

struct Decoded
{
    char32_t point = 0;
    std::size_t bytes = 1;
    bool isValid = false;
};

/// The character at the start of `text`, which is not empty (RFC 3629).
Decoded decode(std::string_view text)
{
    const auto byte = [&](std::size_t index) { return std::uint8_t(text[index]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80)
        return {lead, 1, true};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    constexpr std::array<char32_t, 5> Least{0, 0, 0x80, 0x800, 0x10000};
    if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes)
        return {};
    char32_t point = lead & (0xFFU >> (bytes + 1));
    for (std::size_t index = 1; index < bytes; ++index) {
        if ((byte(index) & 0xC0U) != 0x80)
            return {};
        point = (point << 6U) | (byte(index) & 0x3FU);
    }
    if (point < Least[bytes] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return {};
    return {point, bytes, true};
}

int columnsOf(const Decoded &character)
{
    if (!character.isValid)
        return 1;
    return contains(ZeroWidth, character.point) ? 0 : contains(Wide, character.point) ? 2 : 1;
}

/// How many bytes of `text` fit into `columns`.
std::size_t fitting(std::string_view text, int columns)
{
    std::size_t taken = 0;
    while (taken < text.size()) {
        const Decoded character = decode(text.substr(taken));
        columns -= columnsOf(character);
        if (columns < 0)
            break;
        taken += character.bytes;
    }
    return taken;
}

} // namespace

int columnsOf(std::string_view text)
{
    int columns = 0;
    while (!text.empty()) {
        const Decoded character = decode(text);
        columns += columnsOf(character);
        text.remove_prefix(character.bytes);
    }
    return columns;
}

std::string printable(std::string_view text)
{
    std::string clean;
    while (!text.empty()) {
        const Decoded character = decode(text);
        // C0, DEL and C1; of the invisible ones those that reorder text (UAX #9).
        const char32_t point = character.point;
        const bool isControl = point < 0x20 || (point >= 0x7F && point < 0xA0) ||
                               (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
        if (character.isValid && !isControl)
            clean += text.substr(0, character.bytes);
        else
            clean += '?';
        text.remove_prefix(character.bytes);
    }
    return clean;
}

std::string abbreviated(std::string_view text, int columns)
{
    if (columnsOf(text) <= columns)
        return std::string(text);
    if (columns < 1)
        return {};
    return std::string(text.substr(0, fitting(text, columns - 1))) + "…";
}

std::string padRight(std::string text, int columns)
{
    text.append(std::size_t(std::max(0, columns - columnsOf(text))), ' ');
    return text;
}

std::string padLeft(std::string text, int columns)
{
    text.insert(0, std::size_t(std::max(0, columns - columnsOf(text))), ' ');
    return text;
}

std::vector<std::string> wrapped(std::string_view text, int columns)
{
    columns = std::max(columns, 1);
    std::vector<std::string> lines;
    while (columnsOf(text) > columns) {
        const std::size_t fits = std::max(fitting(text, columns), decode(text).bytes);
        // A space may also be the first character that does not fit.
        const std::size_t space = text.rfind(' ', fits);
        const bool isBroken = space == std::string_view::npos || space == 0;
        lines.emplace_back(text.substr(0, isBroken ? fits : space));
        text.remove_prefix(isBroken ? fits : space + 1);
    }
    if (!text.empty() || lines.empty())
        lines.emplace_back(text);
    return lines;
}

void addWrapped(std::string &out, const std::string &first, std::string_view text, int columns)
{
    const int indent = columnsOf(first);
    bool isFirst = true;
    for (const std::string &line : wrapped(printable(text), columns - indent)) {
        out += (isFirst ? first : std::string(std::size_t(indent), ' ')) + line + "\n";
        isFirst = false;
    }
}

} // namespace weir::report
