// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::metrics {

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

/// One pool of lanes at one tick.
struct PoolState
{
    std::string provider;
    std::string origin;   ///< "https://api.z.ai:443"
    std::string protocol; ///< "h2", "http/1.1", "" while unknown
    int lanes = 0;
    int lanesMax = 0;
    int inFlight = 0; ///< calls on all lanes
    int waiting = 0;  ///< calls in the wait queue
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;
    std::uint64_t connections = 0; ///< opened since start
    std::string lastError;
};

/// All counters at one tick. Immutable once made; crosses threads as shared_ptr<const Snapshot>.
struct Snapshot
{
    base::WallMs at = 0;
    base::Duration uptime{};
    std::uint64_t requests = 0; ///< ended exchanges since start
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
    Percentiles added;                ///< what Weir itself added
    std::uint64_t windowRequests = 0; ///< exchanges in the same 5 minutes …
    std::uint64_t windowErrors = 0;   ///< … and how many of them were errors
    std::uint64_t recordsLost = 0;    ///< dropped because a batch was full
    std::vector<PoolState> pools;
};

} // namespace weir::metrics
