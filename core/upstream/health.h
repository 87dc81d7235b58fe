// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include <cstdint>

namespace weir::upstream {

/// True for the errors of connections that never stood.
bool isConnectFailure(base::Errc code);

enum class BreakerState : std::uint8_t
{
    Closed,   ///< connections are made as they are needed, after a failure with a growing pause between them
    Open,     ///< too many failed in a row: none is tried before retryAt()
    HalfOpen, ///< the pause is over: the next one decides
};

/// Decides when a pool may try to connect again after failures. Pure arithmetic: all time is passed in.
class Breaker
{
public:
    /// Failed connections in a row that open it.
    static constexpr int FailuresToOpen = 5;
    /// Pause after the first failure; doubled by each further one …
    static constexpr base::Duration BackOffMin = std::chrono::milliseconds(100);
    /// … up to this: who has repaired his network does not want to wait longer.
    static constexpr base::Duration BackOffMax = std::chrono::seconds(3);

    /// A connection stands.
    void succeeded();
    /// A connection that was begun at `began` has failed at `now`. One begun before the last failure counts
    /// with it: ten lanes that fail together are one failure.
    void failed(base::Instant began, base::Instant now);

    /// Whether one more connection may be tried while `connecting` others are under way: after a failure only
    /// one at a time.
    bool mayTry(base::Instant now, int connecting) const;
    BreakerState state(base::Instant now) const;
    int failures() const { return m_failures; }
    /// When the next connection may be tried; the past if there was no failure.
    base::Instant retryAt() const { return m_retryAt; }

private:
    int m_failures = 0; // in a row
    base::Instant m_failedAt;
    base::Instant m_retryAt;
};

} // namespace weir::upstream
