// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::metrics {

/// Counts durations in log-linear buckets: 64 per power of two, so a percentile is never below the true value
/// and above it by at most 1/64. Fixed memory (about 7 KiB), mergeable by addition. Unit: microseconds, 0 to
/// ValueMax; what lies outside counts as the nearer end.
class Histogram
{
public:
    static constexpr std::int64_t ValueMax = (std::int64_t{1} << 32) - 1; ///< 71 minutes

    void add(std::int64_t valueUs);
    void merge(const Histogram &other);
    void clear();

    std::uint64_t count() const { return m_count; }
    /// The smallest value that at least `share` (0–1, else the nearer end) of all values do not exceed,
    /// rounded up within its bucket; percentile(1) is exact. Absent while empty.
    std::optional<std::int64_t> percentile(double share) const;
    std::optional<std::int64_t> max() const;

private:
    static constexpr int SubBits = 6;
    static constexpr std::int64_t SubCount = std::int64_t{1} << SubBits;
    static constexpr std::size_t BucketCount = std::size_t((32 - SubBits + 1) * SubCount);

    static std::size_t bucketOf(std::int64_t value);
    static std::int64_t upperEdge(std::size_t bucket);

    std::array<std::uint32_t, BucketCount> m_buckets{};
    std::uint64_t m_count = 0;
    std::int64_t m_max = 0;
};

} // namespace weir::metrics
