// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/arm.h"
#include <functional>
#include <span>

namespace weir::load {

/// Called now and then with the share that is done (0–1); returns false to stop early.
using Progress = std::function<bool(double)>;

/// Requests at fixed intended times, whatever the answers do. The arms take turns in slices (A B A B …), so
/// that what drifts in the machine hits all of them alike.
struct OpenLoop
{
    double ratePerSecond = 200;
    double seconds = 10;       ///< for each arm
    double sliceSeconds = 0.5; ///< of one turn
    double graceSeconds = 5;   ///< for what is still outstanding at the end of a slice
};
base::Result<void> run(const OpenLoop &plan, std::span<Arm *const> arms, const Progress &progress);

/// A fixed number of requests always in flight: what an arm can carry at most.
struct ClosedLoop
{
    std::size_t concurrency = 1;
    double seconds = 3; ///< for each arm
    double graceSeconds = 5;
};
struct Throughput
{
    double requestsPerSecond = 0;
};
base::Result<Throughput> run(const ClosedLoop &plan, Arm &arm);

} // namespace weir::load
