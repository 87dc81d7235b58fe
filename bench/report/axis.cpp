// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/axis.h"
#include "report/numbers.h"
#include <algorithm>
#include <cmath>

namespace weir::report {

namespace {

/// 1, 2 or 5 times a power of ten: the largest step that divides `extent` into at least four.
double roundStep(double extent)
{
    const double rough = extent / 4;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    return (rough >= 5 * power ? 5 : rough >= 2 * power ? 2 : 1) * power;
}

} // namespace

double Axis::place(double value) const
{
    const double share = isLogarithmic ? std::log(std::max(value, first) / first) / std::log(last / first)
                                       : (value - first) / (last - first);
    return std::clamp(share, 0.0, 1.0);
}

Axis linearAxis(double largest, std::string_view unit)
{
    return linearAxis(0, largest, unit);
}

Axis linearAxis(double smallest, double largest, std::string_view unit)
{
    if (!(largest > smallest))
        largest = smallest + std::max(std::abs(smallest) / 10, 1.0);
    const double step = roundStep(largest - smallest);
    Axis axis;
    axis.first = std::floor(smallest / step) * step;
    axis.last = std::ceil(largest / step) * step;
    std::vector<double> values;
    const auto count = std::lround((axis.last - axis.first) / step);
    for (long index = 0; index <= count; ++index)
        values.push_back(axis.first + double(index) * step);
    // The unit is that of the values near the top: "0.5 GB" reads worse than "500 MB", "0 kB" is just 0.
    Scale scale = scaleFor(unit, {axis.last});
    scale.decimals = std::clamp(int(-std::floor(std::log10(step / scale.factor))), 0, 6);
    for (const double value : values)
        axis.ticks.push_back({value, inScale(value, scale)});
    axis.unit = scale.unit;
    return axis;
}

Axis logarithmicAxis(double smallest, double largest, std::string_view unit)
{
    Axis axis;
    axis.isLogarithmic = true;
    const double low = std::floor(std::log10(smallest));
    const double high = std::max(std::ceil(std::log10(largest)), low + 1);
    axis.first = std::pow(10, low);
    axis.last = std::pow(10, high);
    // Two decades are named at 1, 2 and 5, more of them at 1 alone.
    for (double power = low; power <= high; ++power) {
        for (const int digit : {1, 2, 5}) {
            const double value = digit * std::pow(10, power);
            if (value > axis.last * 1.001 || (digit > 1 && high - low > 2))
                continue;
            Scale scale = scaleFor(unit, {value});
            scale.decimals = std::clamp(int(-std::floor(std::log10(value / scale.factor))), 0, 6);
            axis.ticks.push_back({value, inScale(value, scale) + (scale.unit.empty()   ? ""
                                                                  : scale.unit == "/s" ? "/s"
                                                                                       : " " + scale.unit)});
        }
    }
    return axis;
}

} // namespace weir::report
