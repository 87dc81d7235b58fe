// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/histogram.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::load {

/// How many samples must lie beyond a percentile for it to be told: fewer would be the tale of some outliers.
inline constexpr double BeyondMin = 10;

/// The rank (1 … count) of the value that `share` (0–1) of `count` values do not exceed (nearest rank).
/// Absent where fewer than BeyondMin lie beyond it, but for the maximum (1.0).
std::optional<std::uint64_t> rankOf(double share, std::uint64_t count);

/// Latencies or lags in ns. Kept raw, so that no bucket blurs a small difference, up to `RawMax`; beyond, all
/// of them are kept in a histogram, and a percentile may then be told up to 1/128 too high, never too low.
class Samples
{
public:
    /// 32 MB: what 100 seconds at 40,000 requests per second yield.
    static constexpr std::size_t RawMax = 4'000'000;

    explicit Samples(std::size_t rawMax = RawMax) : m_rawMax(rawMax) {}

    void add(std::int64_t nanos);
    /// All of another run of the same.
    void add(const Samples &other);
    /// Sorts; to be called once all is added and before anything below is.
    void finish();

    std::uint64_t count() const { return m_histogram ? m_histogram->count() : m_raw.size(); }
    bool isExact() const { return !m_histogram.has_value(); }
    /// The value that `share` (0–1) of all samples do not exceed. Absent where fewer than ten samples lie
    /// beyond it. The maximum (1.0) is always there if anything is, and exact.
    std::optional<std::int64_t> percentile(double share) const;
    std::optional<double> mean() const;
    /// Ascending, in buckets no wider than 1/128 of the values they hold.
    std::vector<Bucket> distribution() const;
    /// All values, ascending. Only while isExact().
    const std::vector<std::int64_t> &sorted() const { return m_raw; }

private:
    void moveToHistogram();

    std::size_t m_rawMax;
    std::vector<std::int64_t> m_raw;
    std::optional<Histogram> m_histogram; ///< instead of m_raw
    std::int64_t m_max = 0;
    double m_sum = 0;
};

} // namespace weir::load
