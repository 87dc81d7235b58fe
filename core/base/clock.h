// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <ctime>

namespace weir::base {

using Duration = std::chrono::nanoseconds;

/// A point on the monotonic clock. Only differences mean something; never stored, never shown.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// Milliseconds since 1970-01-01 UTC: what is stored and shown.
using WallMs = std::int64_t;

/// Where time comes from. Rooms are handed one; tests hand them a ManualClock.
class Clock
{
public:
    Clock() = default;
    virtual ~Clock() = default;
    Clock(const Clock &) = delete;
    Clock &operator=(const Clock &) = delete;

    /// One tick of the slowest Linux kernel.
    static constexpr Duration CoarseBehind = std::chrono::milliseconds(10);

    virtual Instant now() const = 0;
    /// The same, but it may be CoarseBehind late, and costs a third where the machine has such a clock. For
    /// deadlines, which are looked at now and then; never for what is shown.
    virtual Instant coarseNow() const { return now(); }
    virtual WallMs wallNow() const = 0;
};

/// The machine's clocks. Usable from any thread.
class SystemClock final : public Clock
{
public:
    Instant now() const override { return std::chrono::steady_clock::now(); }
#ifdef CLOCK_MONOTONIC_COARSE
    Instant coarseNow() const override
    {
        std::timespec at{};
        ::clock_gettime(CLOCK_MONOTONIC_COARSE, &at); // steady_clock's own clock, as of the last tick
        return Instant(std::chrono::seconds(at.tv_sec) + Duration(at.tv_nsec));
    }
#endif
    WallMs wallNow() const override
    {
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }
};

constexpr std::int64_t toMicros(Duration duration)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

} // namespace weir::base
