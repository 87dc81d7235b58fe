// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "commands/command.h"
#include "commands/comparison.h"
#include "commands/request.h"

namespace weir::bench {

// What a Comparison can measure on each of its arms. `command` is borrowed and outlives the function made.

/// A fixed number of requests always in flight: requests_per_second, p50, p99, cpu_per_request, rss; with one
/// at a time also what an arm adds to "direct".
struct ClosedExperiment
{
    std::size_t concurrency = 1;
    double seconds = 2;
    double timeoutSeconds = 30;
    RequestShape shape;
};
Comparison::Run closedLoop(Command &command, const ClosedExperiment &experiment);

/// Requests at fixed times, the arms by turns within each run: p50, p99, and what an arm adds to "direct".
struct OpenExperiment
{
    double rate = 500;  ///< per second
    double seconds = 2; ///< of each arm
    double timeoutSeconds = 30;
    RequestShape shape;
};
Comparison::Run openLoop(Command &command, const OpenExperiment &experiment);

/// A fixed number of event streams always open, an event every `gapMs`: the first chunk's time, the lag of
/// each.
struct StreamExperiment
{
    std::size_t streams = 1;
    double seconds = 2;
    double timeoutSeconds = 30;
    std::size_t gapMs = 5;
    std::size_t chunks = 16; ///< content events of a stream: short ones, so that there are many first chunks
    std::size_t promptBytes = 2000;
};
Comparison::Run streamLoop(Command &command, const StreamExperiment &experiment);

} // namespace weir::bench
