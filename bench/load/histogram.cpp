// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/histogram.h"
#include <algorithm>
#include <bit>

namespace weir::load {

namespace {

constexpr int StepBits = 7; ///< 128 buckets for each doubling
constexpr std::uint64_t Steps = 1U << StepBits;
constexpr std::size_t Buckets = Steps * (63 - StepBits + 1);

/// Values below 2 * Steps have a bucket each. Above, the bits behind the highest StepBits + 1 are dropped.
std::size_t bucketOf(std::uint64_t value)
{
    const int drop = std::max(0, int(std::bit_width(value)) - (StepBits + 1));
    return std::size_t(drop) * Steps + std::size_t(value >> drop);
}

std::int64_t greatestIn(std::size_t bucket)
{
    const std::size_t drop = bucket < 2 * Steps ? 0 : bucket / Steps - 1;
    const std::uint64_t kept = bucket - drop * Steps;
    return std::int64_t(((kept + 1) << drop) - 1);
}

} // namespace

Histogram::Histogram() : m_counts(Buckets) {}

void Histogram::add(std::int64_t nanos)
{
    ++m_counts[bucketOf(std::uint64_t(std::max<std::int64_t>(nanos, 0)))];
    ++m_count;
}

void Histogram::add(const Histogram &other)
{
    for (std::size_t bucket = 0; bucket < m_counts.size(); ++bucket)
        m_counts[bucket] += other.m_counts[bucket];
    m_count += other.m_count;
}

void Histogram::clear()
{
    std::fill(m_counts.begin(), m_counts.end(), 0);
    m_count = 0;
}

std::int64_t Histogram::atRank(std::uint64_t rank) const
{
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while (bucket + 1 < m_counts.size() && seen + m_counts[bucket] < rank)
        seen += m_counts[bucket++];
    return greatestIn(bucket);
}

std::vector<Bucket> Histogram::buckets() const
{
    std::vector<Bucket> found;
    for (std::size_t bucket = 0; bucket < m_counts.size(); ++bucket) {
        if (m_counts[bucket] > 0)
            found.push_back({greatestIn(bucket), m_counts[bucket]});
    }
    return found;
}

} // namespace weir::load
