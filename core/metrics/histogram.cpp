// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::metrics {

std::size_t Histogram::bucketOf(std::int64_t value)
{
    if (value < SubCount)
        return std::size_t(value); // exact
    // The top SubBits bits below the leading one say which of the 64 parts of this power of two it is.
    const int exponent = int(std::bit_width(std::uint64_t(value))) - 1;
    const int shift = exponent - SubBits;
    const std::int64_t part = (value >> shift) - SubCount;
    return std::size_t((shift + 1) * SubCount + part);
}

std::int64_t Histogram::upperEdge(std::size_t bucket)
{
    const auto index = std::int64_t(bucket);
    if (index < SubCount)
        return index;
    const int shift = int(index / SubCount) - 1;
    return ((index % SubCount + SubCount + 1) << shift) - 1;
}

void Histogram::add(std::int64_t valueUs)
{
    const std::int64_t value = std::clamp<std::int64_t>(valueUs, 0, ValueMax);
    ++m_buckets[bucketOf(value)];
    ++m_count;
    m_max = std::max(m_max, value);
}

void Histogram::merge(const Histogram &other)
{
    if (other.m_count == 0)
        return;
    for (std::size_t bucket = 0; bucket < BucketCount; ++bucket)
        m_buckets[bucket] += other.m_buckets[bucket];
    m_count += other.m_count;
    m_max = std::max(m_max, other.m_max);
}

void Histogram::clear()
{
    if (m_count == 0)
        return;
    m_buckets.fill(0);
    m_count = 0;
    m_max = 0;
}

std::optional<std::int64_t> Histogram::percentile(double share) const
{
    if (m_count == 0)
        return std::nullopt;
    const double inRange = std::clamp(share, 0.0, 1.0);
    const auto rank = std::max<std::uint64_t>(1, std::uint64_t(std::ceil(inRange * double(m_count))));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < BucketCount; ++bucket) {
        seen += m_buckets[bucket];
        if (seen >= rank)
            return std::min(upperEdge(bucket), m_max);
    }
    return m_max;
}

std::optional<std::int64_t> Histogram::max() const
{
    return m_count == 0 ? std::nullopt : std::optional(m_max);
}

} // namespace weir::metrics
