// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/csv.h"

#include <algorithm>
#include <array>

namespace weir::base {

namespace {

/// What makes a formula of a cell that begins with it, or is passed over before that is looked at. The last
/// four are = + - @ as wide as Chinese letters, which some spreadsheets take for the same.
constexpr std::array<std::string_view, 11> Armed{
    "=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};

} // namespace

std::string csvText(std::string_view text)
{
    const bool isArmed = std::any_of(Armed.begin(), Armed.end(),
                                     [&](std::string_view begin) { return text.starts_with(begin); });
    std::string cell = isArmed ? "\"'" : "\"";
    for (const char c : text) {
        if (c == '"')
            cell += '"';
        cell += c;
    }
    return cell + '"';
}

} // namespace weir::base
