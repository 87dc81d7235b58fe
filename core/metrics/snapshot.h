// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "metrics/key_state.h"
#include "metrics/percentiles.h"
#include "metrics/pool_state.h"
#include "metrics/provider_limits.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::metrics {

/// All counters at one tick. Immutable once made; crosses threads as shared_ptr<const Snapshot>.
struct Snapshot
{
    base::WallMs at = 0;
    base::Duration uptime{};
    std::uint64_t requests = 0; ///< ended exchanges since start, but for …
    std::uint64_t ownPages =
        0; ///< … pages of Weir's own (/health, /stats, /admin): in none of the other counts
    std::uint64_t errors = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t inputTokens = 0;
    std::uint64_t outputTokens = 0;
    int active = 0;               ///< exchanges in work
    int connections = 0;          ///< client connections
    double requestsPerSecond = 0; ///< ended, averaged over the last five full seconds
    double requestsPerMinute = 0; ///< ended in the last sixty full seconds
    Percentiles firstToken;       ///< forwarded, successful exchanges of the last 5 minutes
    Percentiles total;
    Percentiles added;            ///< what Weir itself added: RequestRecord::own
    std::uint64_t pieceCount = 0; ///< pieces of replies in the same 5 minutes …
    std::optional<base::Duration>
        pieceMedian;                  ///< … and what each was held up, those of a reply at their median
    std::uint64_t windowRequests = 0; ///< exchanges in the same 5 minutes …
    std::uint64_t windowErrors = 0;   ///< … and how many of them were errors
    std::uint64_t recordsLost = 0;    ///< dropped because a batch was full
    std::vector<PoolState> pools;
    std::vector<ProviderLimits> providerLimits; ///< of those that have told any, in the order of their first
    std::vector<KeyState> keys;                 ///< that of all together first
};

} // namespace weir::metrics
