// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include "upstream/call.h"
#include "upstream/health.h"
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace weir::upstream {

/// What the lanes of a pool are doing and have done, those that are gone included.
struct LaneSetFigures
{
    std::string protocol; ///< of the lanes that stand: "h2", "http/1.1", "" while unknown
    int most = 0;         ///< lanes at a time, by what is known of them
    int connecting = 0;
    int active = 0;   ///< ready, with calls
    int idle = 0;     ///< ready, without
    int retired = 0;  ///< take no more calls, have some to finish
    int inFlight = 0; ///< on all of them
    int used = 0;     ///< of these, on the ready lanes …
    int slots = 0;    ///< … which can carry so many
    std::uint64_t connections = 0;
    std::uint64_t connectFailures = 0;
    std::uint64_t goAways = 0;
    std::uint64_t resets = 0;
    std::uint64_t wakeUps = 0;         ///< of the machine, after which all lanes were replaced
    std::optional<ConnectTimes> times; ///< of the newest connection whose lane can tell
    std::optional<base::Duration> roundTrip;
    BreakerState breaker = BreakerState::Closed;

    int lanes() const { return connecting + active + idle; }
};

/// What a pool counts, for the snapshot.
struct PoolFigures
{
    LaneSetFigures lanes;
    int waiting = 0;
    int waitingBackground = 0; ///< of these
    std::uint64_t calls = 0;   ///< submitted, further tries included
    std::uint64_t started = 0; ///< got a lane
    std::uint64_t fresh = 0;   ///< of these: waited for a new connection
    std::uint64_t succeeded = 0;
    std::uint64_t failures = 0; ///< tries that failed
    std::uint64_t retries = 0;
    std::map<base::Errc, std::uint64_t> failuresByKind;
    std::string lastError;
};

} // namespace weir::upstream
