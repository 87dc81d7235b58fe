// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir::report {

/// UTF-8 text on a terminal, measured in columns.

/// How many columns a terminal gives it: two for East Asian wide characters and emoji, none for combining
/// marks.
int columnsOf(std::string_view text);
/// Without what would move a terminal's cursor or change its colour: control characters and bytes that are no
/// UTF-8 become "?".
std::string printable(std::string_view text);
/// At most `columns` wide; what is cut ends in "…".
std::string abbreviated(std::string_view text, int columns);
/// Filled with spaces to `columns`, on its right or on its left.
std::string padRight(std::string text, int columns);
std::string padLeft(std::string text, int columns);
/// Broken at spaces into lines of at most `columns` (at least 1); longer words are broken anywhere.
std::vector<std::string> wrapped(std::string_view text, int columns);

/// Appends `text`, made printable and wrapped; its first line begins with `first`, the others are indented
/// alike.
void addWrapped(std::string &out, const std::string &first, std::string_view text, int columns);

} // namespace weir::report
