// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::config {

/// Something that a file can hold and no setting wants: "a table", "a date".
struct Unsuited
{
    std::string_view kind;
    bool operator==(const Unsuited &) const = default;
};

/// A value as a file or a command line gives it.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, Unsuited>;

/// `text` as it may stand in a message of one line: control bytes become '?', a long text is cut.
std::string printable(std::string_view text);

/// The value as it may stand in a message: 'text', 12, true, "a list".
std::string describe(const Value &value);

} // namespace weir::config
