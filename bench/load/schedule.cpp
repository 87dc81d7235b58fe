// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/schedule.h"
#include <algorithm>
#include <cmath>

namespace weir::load {

namespace {

constexpr double Slack = 1e-6; ///< of a request, for what sums of doubles lack

} // namespace

Schedule::Schedule(const RateCourse &course, double seconds)
{
    const auto add = [&](double begin, double from, double end, double to) {
        end = std::min(end, seconds);
        if (end <= begin)
            return;
        Segment segment;
        segment.begin = begin;
        segment.length = end - begin;
        segment.rate = from;
        segment.growth = (to - from) / segment.length;
        segment.areaBefore = m_area;
        segment.area = segment.length * (from + to) / 2;
        m_area += segment.area;
        m_segments.push_back(segment);
    };
    add(0, course.front().second, course.front().first, course.front().second);
    for (std::size_t index = 0; index + 1 < course.size(); ++index) {
        const auto [begin, from] = course[index];
        const auto [end, to] = course[index + 1];
        // Where the course is cut off, its rate is what the line has come to there.
        const double kept = std::min(end, seconds);
        const double cut = end > begin ? from + (to - from) * (kept - begin) / (end - begin) : to;
        add(begin, from, kept, cut);
    }
    add(std::max(0.0, course.back().first), course.back().second, seconds, course.back().second);
}

std::uint64_t Schedule::total() const
{
    return std::uint64_t(std::ceil(std::max(0.0, m_area - Slack)));
}

std::optional<double> Schedule::next()
{
    if (m_count >= total())
        return std::nullopt;
    const double due = double(m_count++);
    while (m_current + 1 < m_segments.size() &&
           due >= m_segments[m_current].areaBefore + m_segments[m_current].area - Slack)
        ++m_current;
    const Segment &segment = m_segments[m_current];
    // rate * t + growth * t² / 2 = due - areaBefore, solved in the form that does not divide by the growth.
    const double area = std::max(0.0, due - segment.areaBefore);
    const double root = std::sqrt(std::max(0.0, segment.rate * segment.rate + 2 * segment.growth * area));
    const double sum = segment.rate + root;
    return segment.begin + std::min(segment.length, sum > 0 ? 2 * area / sum : 0.0);
}

} // namespace weir::load
