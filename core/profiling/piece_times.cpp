// SPDX-License-Identifier: GPL-3.0-or-later
#include "profiling/piece_times.h"

namespace weir::profiling {

void PieceTimes::merge(const PieceTimes &other)
{
    for (std::size_t bucket = other.m_lowest; bucket < BucketCount; ++bucket)
        m_buckets[bucket] += other.m_buckets[bucket];
    m_count += other.m_count;
    m_lowest = std::min(m_lowest, other.m_lowest);
}

std::optional<base::Duration> PieceTimes::median() const
{
    if (m_count == 0)
        return std::nullopt;
    std::size_t bucket = m_lowest;
    for (std::uint64_t seen = m_buckets[bucket]; seen < (m_count + 1) / 2; seen += m_buckets[bucket])
        ++bucket;
    // The middle of its bucket.
    const int exponent = LeastExponent + int(bucket >> SubBits);
    const std::int64_t part = std::int64_t(bucket & ((1U << SubBits) - 1)) + (1 << SubBits);
    return base::Duration((2 * part + 1) << (exponent - SubBits - 1));
}

} // namespace weir::profiling
