// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace weir::load {

/// Requests per second as a course over time: straight lines between points of (seconds, rate), ascending in
/// seconds. Two points at one time are a jump. Before the first point its rate holds, after the last its.
using RateCourse = std::vector<std::pair<double, double>>;

/// The intended times of requests: the first where the course begins, each other one where the area under the
/// course has grown by one. Fixed by the course alone, whatever the answers do.
class Schedule
{
public:
    /// `course` has at least one point, no rate is negative.
    Schedule(const RateCourse &course, double seconds);

    /// Seconds since the beginning, ascending; absent at the end.
    std::optional<double> next();
    /// How many there are in all.
    std::uint64_t total() const;

private:
    struct Segment
    {
        double begin = 0;
        double length = 0;
        double rate = 0;       ///< at its beginning
        double growth = 0;     ///< of the rate, per second
        double areaBefore = 0; ///< requests due before it
        double area = 0;
    };

    std::vector<Segment> m_segments;
    double m_area = 0;
    std::size_t m_current = 0;
    std::uint64_t m_count = 0;
};

} // namespace weir::load
