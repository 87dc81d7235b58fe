// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::profiling {

/// How long the pieces of replies took to be passed on: their number and their median, in half a kilobyte.
/// Eight buckets per power of two, so the median is right within 7 %; what lies outside Least and Most counts
/// as the nearer of them.
class PieceTimes
{
public:
    static constexpr base::Duration Least{1 << 8};       ///< 256 ns
    static constexpr base::Duration Most{(1 << 25) - 1}; ///< 34 ms

    /// `times` pieces that took as long.
    void add(base::Duration spent, std::uint32_t times = 1)
    {
        const std::size_t bucket = bucketOf(spent);
        m_buckets[bucket] += times;
        m_count += times;
        m_lowest = std::min(m_lowest, bucket);
    }
    void merge(const PieceTimes &other);

    std::uint64_t count() const { return m_count; }
    std::optional<base::Duration> median() const;

private:
    static constexpr int SubBits = 3;
    static constexpr int LeastExponent = 8;
    static constexpr std::size_t BucketCount = (25 - LeastExponent) << SubBits;

    static std::size_t bucketOf(base::Duration spent)
    {
        const auto nanos = std::uint64_t(std::clamp(spent, Least, Most).count());
        const int exponent = int(std::bit_width(nanos)) - 1;
        const std::uint64_t part = (nanos >> (exponent - SubBits)) & ((1U << SubBits) - 1);
        return (std::size_t(exponent - LeastExponent) << SubBits) + part;
    }

    std::array<std::uint32_t, BucketCount> m_buckets{};
    std::uint64_t m_count = 0;
    std::size_t m_lowest = BucketCount; // bucket that holds any
};

} // namespace weir::profiling
