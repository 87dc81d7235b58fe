// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir::report {

/// One axis of a chart: which values it spans, and which of them it names. Never empty, never without extent.
struct Axis
{
    struct Tick
    {
        double value;
        std::string label;
    };
    double first = 0;
    double last = 1;
    bool isLogarithmic = false;
    std::vector<Tick> ticks;
    std::string unit; ///< to be written at the axis; "" where each label has its own

    /// 0 at `first`, 1 at `last`, cut off beyond.
    double place(double value) const;
};

/// From zero to at least `largest`, with about five round values. `unit` is the report's.
Axis linearAxis(double largest, std::string_view unit);
/// From `smallest` to at least `largest`, for what does not reach down to zero.
Axis linearAxis(double smallest, double largest, std::string_view unit);
/// Powers of ten around both, which are above zero; labels carry their units.
Axis logarithmicAxis(double smallest, double largest, std::string_view unit);

} // namespace weir::report
