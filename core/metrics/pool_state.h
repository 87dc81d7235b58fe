// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "metrics/percentiles.h"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::metrics {

/// Whether a pool may connect (upstream::BreakerState says how that is decided).
enum class Breaker : std::uint8_t
{
    Closed,
    Open,
    HalfOpen
};

/// One pool of lanes at one tick. Counters since start.
struct PoolState
{
    std::string provider;
    std::string origin;    ///< "https://api.z.ai:443"
    std::string protocol;  ///< "h2", "http/1.1", "" while unknown
    std::string transport; ///< "direct", "qnam"
    std::string notice;    ///< why the transport is not what one would expect, or ""
    Breaker breaker = Breaker::Closed;

    int connecting = 0; ///< lanes
    int active = 0;     ///< lanes with calls
    int idle = 0;       ///< ready lanes without
    int retired = 0;    ///< lanes that only finish what they have
    int lanesMax = 0;
    int inFlight = 0; ///< calls on all lanes
    int used = 0;     ///< calls on the ready lanes …
    int slots = 0;    ///< … which can carry so many
    int waiting = 0;  ///< calls in the wait queue
    int waitingBackground = 0;
    int queueMax = 0;

    std::uint64_t calls = 0;   ///< submitted, further tries included
    std::uint64_t started = 0; ///< got a lane
    std::uint64_t fresh = 0;   ///< of these: a connection had to be made first
    std::uint64_t succeeded = 0;
    std::uint64_t failures = 0;
    std::uint64_t retries = 0;
    std::vector<std::pair<base::Errc, std::uint64_t>> failuresByKind;
    std::uint64_t connections = 0; ///< opened, each with its handshake
    std::uint64_t connectFailures = 0;
    std::optional<std::uint64_t> goAways; ///< absent where the transport hides them
    std::optional<std::uint64_t> resets;
    std::uint64_t wakeUps = 0;
    std::optional<base::Duration> connectTime; ///< TCP, of the newest connection
    std::optional<base::Duration> tlsTime;
    std::optional<base::Duration> roundTrip; ///< of the last health check
    Percentiles wait;                        ///< for a lane, of the calls of the last five minutes
    Percentiles total;                       ///< of its successful exchanges of the last five minutes
    std::string lastError;

    int lanes() const { return connecting + active + idle; }
};

} // namespace weir::metrics
