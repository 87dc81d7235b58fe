// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/value.h"

#include <algorithm>

namespace weir::config {

namespace {

/// Enough to recognise one's own text by.
constexpr std::size_t PrintedMax = 80;

bool isContinuationByte(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

} // namespace

std::string printable(std::string_view text)
{
    std::size_t length = std::min(text.size(), PrintedMax);
    // Never cut inside a UTF-8 character.
    while (length < text.size() && length > 0 && isContinuationByte(text[length]))
        --length;
    std::string result(text.substr(0, length));
    std::replace_if(
        result.begin(), result.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, '?');
    if (length < text.size())
        result += "…";
    return result;
}

std::string describe(const Value &value)
{
    if (const auto *text = std::get_if<std::string>(&value))
        return "'" + printable(*text) + "'";
    if (const auto *number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    if (std::holds_alternative<double>(value))
        return "a number with a fraction";
    if (const auto *flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const auto *unsuited = std::get_if<Unsuited>(&value))
        return std::string(unsuited->kind);
    return "a list";
}

} // namespace weir::config
