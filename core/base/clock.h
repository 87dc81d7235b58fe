// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <cstdint>

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

    virtual Instant now() const = 0;
    virtual WallMs wallNow() const = 0;
};

/// The machine's clocks. Usable from any thread.
class SystemClock final : public Clock
{
public:
    Instant now() const override { return std::chrono::steady_clock::now(); }
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
