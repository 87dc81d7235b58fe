// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>

namespace weir::metrics {

class Histogram;

/// Samples below which a percentile says nothing and is not shown.
inline constexpr std::uint64_t SamplesForP50 = 5;
inline constexpr std::uint64_t SamplesForP95 = 20;
inline constexpr std::uint64_t SamplesForP99 = 100;

/// Percentiles over the recorder's window, in microseconds; absent where the samples are too few.
struct Percentiles
{
    std::uint64_t samples = 0;
    std::optional<std::int64_t> p50Us;
    std::optional<std::int64_t> p95Us;
    std::optional<std::int64_t> p99Us;
    std::optional<std::int64_t> maxUs;

    bool operator==(const Percentiles &) const = default;
};

Percentiles percentilesOf(const Histogram &histogram);

} // namespace weir::metrics
