// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/growth.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weir::bench {

namespace {

constexpr double SecondsPerHour = 3600;
/// The 97.5 % quantile of Student's t with GrowthStretches - 2 degrees of freedom.
constexpr double StudentT = 2.228;
static_assert(GrowthStretches == 12, "StudentT belongs to this number");

struct Stretch
{
    double seconds = 0; // sums, then means
    double value = 0;
    int count = 0;
};

} // namespace

std::optional<Growth> growthOf(std::span<const std::pair<double, double>> points)
{
    if (points.empty() || points.back().first - points.front().first < GrowthSecondsMin)
        return std::nullopt;
    const double begin = points.front().first;
    const double width = (points.back().first - begin) / GrowthStretches;
    std::array<Stretch, GrowthStretches> stretches{};
    for (const auto &[seconds, value] : points) {
        const int index = std::min(int((seconds - begin) / width), GrowthStretches - 1);
        Stretch &stretch = stretches[std::size_t(index)];
        stretch.seconds += seconds;
        stretch.value += value;
        ++stretch.count;
    }
    double meanSeconds = 0;
    double meanValue = 0;
    for (Stretch &stretch : stretches) {
        if (stretch.count < GrowthValuesMin)
            return std::nullopt;
        stretch.seconds /= stretch.count;
        stretch.value /= stretch.count;
        meanSeconds += stretch.seconds / GrowthStretches;
        meanValue += stretch.value / GrowthStretches;
    }
    double squares = 0;
    double products = 0;
    for (const Stretch &stretch : stretches) {
        squares += std::pow(stretch.seconds - meanSeconds, 2);
        products += (stretch.seconds - meanSeconds) * (stretch.value - meanValue);
    }
    const double slope = products / squares;
    double residuals = 0;
    for (const Stretch &stretch : stretches)
        residuals += std::pow(stretch.value - meanValue - slope * (stretch.seconds - meanSeconds), 2);
    const double deviation = std::sqrt(residuals / (GrowthStretches - 2) / squares);
    Growth growth;
    growth.perHour = slope * SecondsPerHour;
    growth.low = (slope - StudentT * deviation) * SecondsPerHour;
    growth.high = (slope + StudentT * deviation) * SecondsPerHour;
    return growth;
}

} // namespace weir::bench
