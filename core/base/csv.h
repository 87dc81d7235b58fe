// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace weir::base {

/// A text as a cell of CSV (RFC 4180), in quotes, so that commas, quotes and line ends stay in it. Behind an
/// apostrophe where a spreadsheet would take it for a formula and run it: names come from clients and
/// providers. Every text that gets into CSV goes through here; numbers are written as they are. `text` is
/// UTF-8.
std::string csvText(std::string_view text);

} // namespace weir::base
