// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir::report {

/// The unit in which people read a column of numbers, and how exactly.
struct Scale
{
    double factor = 1; ///< what one of this unit is in the unit of the report
    std::string unit;  ///< "µs", "req/s", "MB"; may be empty
    int decimals = 0;
};

/// Chosen for all `values` of one column, given in `unit` of the report ("us", "1/s", "bytes" …): the
/// smallest of them keeps about three digits that count. A unit it does not know is kept.
Scale scaleFor(std::string_view unit, const std::vector<double> &values);

/// The number alone: "12,345", "0.42", "-3.1".
std::string inScale(double value, const Scale &scale);
/// Number and unit: "12,345 req/s".
std::string withUnit(double value, std::string_view unit);
/// "0.42×".
std::string ratioText(double ratio);
/// "+12 %", "-3.4 %".
std::string percentText(double share);

/// With a capital at its start; "p99" stays.
std::string capitalised(std::string text);

/// What people call a figure: "requests_per_second" → "Requests", "cpu_per_request" → "CPU per request".
std::string labelOf(std::string_view figure);

} // namespace weir::report
