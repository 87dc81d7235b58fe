// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/clock.h"
#include <ctime>

namespace weir::load {

namespace {

Nanos read(clockid_t clock)
{
    timespec time{};
    ::clock_gettime(clock, &time);
    return Nanos(time.tv_sec) * NanosPerSecond + time.tv_nsec;
}

} // namespace

Nanos monotonicNow()
{
    return read(CLOCK_MONOTONIC);
}

Nanos threadTimeUsed()
{
    return read(CLOCK_THREAD_CPUTIME_ID);
}

} // namespace weir::load
