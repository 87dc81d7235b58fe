// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"

namespace weir::upstream {

/// Bounds and deadlines of one pool (settings pool.* and timeouts.*).
struct PoolOptions
{
    int lanesMin = 2;        ///< kept while there is demand
    int lanesMax = 10;       ///< connecting and ready ones
    int lanesMaxSingle = 64; ///< the same where a lane is known to carry one call at a time (HTTP/1.1)
    int queueMax = 256;      ///< calls that wait for a lane
    base::Duration queueWait = std::chrono::seconds(30);
    base::Duration health = std::chrono::seconds(30); ///< between two checks of a lane that is silent
    base::Duration connect = std::chrono::seconds(10);
    base::Duration firstByte = std::chrono::minutes(10);
    base::Duration idle = std::chrono::minutes(10);
};

} // namespace weir::upstream
