// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/message.h"
#include <cstdint>
#include <limits>
#include <QByteArray>
#include <vector>

namespace weir::simulator {

/// Bytes of a body that are sent together (one event of a stream), and the pause before them.
struct Piece
{
    QByteArray bytes;
    int pauseMs = 0;        ///< counts from when the piece before was due, so that lateness does not add up
    std::int64_t times = 1; ///< how often they are sent; Forever = until the caller leaves
    qsizetype stampAt = -1; ///< where in `bytes` the digits of a stamp are to be set (stamp.h); -1 = none
};

inline constexpr std::int64_t Forever = std::numeric_limits<std::int64_t>::max();

/// What happens after the last piece.
enum class Ending : std::uint8_t
{
    Regular,
    Silence,      ///< nothing, for ever: the caller has to give up
    CutShort,     ///< HTTP/1.1: closes; HTTP/2: ends the stream as if the body were whole
    Close,        ///< closes the connection without an end of the body
    Reset,        ///< HTTP/1.1: TCP reset; HTTP/2: RST_STREAM with INTERNAL_ERROR
    Refuse,       ///< HTTP/2: RST_STREAM with REFUSED_STREAM; HTTP/1.1: closes
    GoAway,       ///< HTTP/2: GOAWAY with INTERNAL_ERROR, then closes; HTTP/1.1: closes
    GoAwayRefuse, ///< HTTP/2: GOAWAY telling that this stream was not processed; HTTP/1.1: closes
    GoAwayCalm,   ///< HTTP/2: the same with ENHANCE_YOUR_CALM; HTTP/1.1: closes
};

/// What is wrong with the head as it is written.
enum class HeadFault : std::uint8_t
{
    None,
    Missing,       ///< no head and no body: the ending comes at once
    GarbageStatus, ///< a status that is not a number
    InjectedField, ///< a field value that holds a line end
};

/// A reply in full: what is sent and when. Knows nothing of protocols, sockets and timers.
struct Script
{
    int firstByteMs = 0; ///< pause before the head
    http::ResponseHead head;
    std::vector<Piece> pieces;
    Ending ending = Ending::Regular;
    HeadFault headFault = HeadFault::None;
    /// A stream of events whose last piece is the dialect's end event.
    bool isEventStream = false;
    /// HTTP/2: GOAWAY with NO_ERROR before the reply, which then goes on; HTTP/1.1: `Connection: close`.
    bool goAwayFirst = false;
};

} // namespace weir::simulator
