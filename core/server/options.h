// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "http/limits.h"
#include <cstdint>
#include <QtGlobal>
#include <string>

namespace weir::server {

/// Read from a client socket at most this much ahead of what was handed on (bytes).
inline constexpr qint64 ReadAheadMax = 128 * 1024;
/// Bytes waiting for a client above which its upstream is paused and no further request of it is read, and
/// below which both go on.
inline constexpr qint64 HighWatermark = 256 * 1024;
inline constexpr qint64 LowWatermark = HighWatermark / 2;
/// Bytes that the system takes for a client beyond what is on its way there; by itself it takes megabytes,
/// and Weir does not learn that nobody reads them.
inline constexpr int UnsentMax = 256 * 1024;
/// Requests of one client that are begun before others have their turn: it may have sent hundreds at once.
inline constexpr int ExchangesPerTurn = 8;
/// A refused client may go on sending for this long while it reads the refusal.
inline constexpr base::Duration LingerMax = std::chrono::seconds(2);
/// How often deadlines are looked at, and accepting is tried again where descriptors had run out.
inline constexpr int DeadlineSweepMs = 250;

struct Options
{
    std::string address = "127.0.0.1"; ///< with 127.0.0.1, ::1 is listened on too where the machine has it
    std::uint16_t port = 0;            ///< 0 = any free one
    int connectionsMax = 1024;
    /// Where connectionsMax are open, one that has been idle for this long makes room for a new one.
    base::Duration idleGrace = std::chrono::seconds(5);
    int descriptorsReserved = 0; ///< kept from clients, see Capacity
    std::int64_t bodyMax = http::BodyMaxDefault;
    base::Duration head = std::chrono::seconds(10);
    base::Duration bodyIdle = std::chrono::seconds(30);
    base::Duration body = std::chrono::seconds(120); ///< from then on a request's body must have come at …
    std::int64_t bodyRate = 8192;                    ///< … this many bytes per second, on average
    base::Duration keepalive = std::chrono::seconds(75);
    base::Duration writeStall = std::chrono::seconds(60);
};

} // namespace weir::server
