// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <span>
#include <utility>

namespace weir::bench {

/// A shorter observation says nothing about an hour.
inline constexpr double GrowthSecondsMin = 60;
/// Into so many stretches of equal length the observation is cut.
inline constexpr int GrowthStretches = 12;
/// Each holds at least so many values.
inline constexpr int GrowthValuesMin = 2;

/// How fast something grows, with the bounds between which the true rate lies in 95 of 100 such observations.
struct Growth
{
    double perHour = 0;
    double low = 0;
    double high = 0;
};

/// Least squares through the means of GrowthStretches stretches of `points` (seconds, value; ascending), with
/// Student's t for the bounds. Assumes that the growth is steady, and that the deviations of one stretch tell
/// nothing about the next one's: neighbouring values do depend on each other (an allocator gives back in
/// steps), which is why means are taken and not the values. Absent where the observation is shorter than
/// GrowthSecondsMin or a stretch holds fewer than GrowthValuesMin values.
std::optional<Growth> growthOf(std::span<const std::pair<double, double>> points);

} // namespace weir::bench
