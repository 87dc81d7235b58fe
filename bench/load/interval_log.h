// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/clock.h"
#include "load/histogram.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::load {

/// What ended within one stretch of a run.
struct Interval
{
    double untilSeconds = 0; ///< since the run began
    std::uint64_t ended = 0;
    std::uint64_t failed = 0;
    std::optional<Nanos> p50; ///< each absent where too few samples lie beyond it
    std::optional<Nanos> p99;
    std::optional<Nanos> max; ///< up to 1/128 too high, as the others
};

/// Latencies over time, by when requests ended. Holds one histogram, however long the run.
class IntervalLog
{
public:
    /// Of a run; what ends later falls into the last one.
    static constexpr std::size_t IntervalsMax = 10'000;

    /// No intervals if `intervalSeconds` is 0.
    IntervalLog(Nanos begin, double intervalSeconds);

    void ended(Nanos latency, Nanos now);
    void failed(Nanos now);
    /// Closes the last one, unless nothing has ended in it.
    std::vector<Interval> finish(Nanos now);

private:
    void advance(Nanos now);
    void close(Nanos until);

    const Nanos m_begin;
    const Nanos m_length;
    Nanos m_until = 0;
    std::uint64_t m_failed = 0;
    Histogram m_latencies;
    std::vector<Interval> m_intervals;
};

} // namespace weir::load
