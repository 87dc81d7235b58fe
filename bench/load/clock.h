// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace weir::load {

using Nanos = std::int64_t;
inline constexpr Nanos NanosPerSecond = 1'000'000'000;

/// Now, in ns, on the clock that all of this uses (CLOCK_MONOTONIC, shared by all processes of the machine).
Nanos monotonicNow();
/// Processor time that the calling thread has used, in ns.
Nanos threadTimeUsed();

inline Nanos toNanos(double seconds)
{
    return Nanos(seconds * double(NanosPerSecond));
}
inline double toSeconds(Nanos nanos)
{
    return double(nanos) / double(NanosPerSecond);
}

} // namespace weir::load
