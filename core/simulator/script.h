// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/message.h"
#include <cstdint>
#include <limits>
#include <optional>
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
    Reset,        ///< HTTP/1.1: TCP reset; HTTP/2: RST_STREAM with Script::resetCode
    Refuse,       ///< HTTP/2: RST_STREAM with REFUSED_STREAM; HTTP/1.1: closes
    GoAway,       ///< HTTP/2: GOAWAY with INTERNAL_ERROR, then closes; HTTP/1.1: closes
    GoAwayRefuse, ///< HTTP/2: GOAWAY telling that this stream was not processed; HTTP/1.1: closes
    GoAwayCalm,   ///< HTTP/2: the same with ENHANCE_YOUR_CALM; HTTP/1.1: closes
};

/// What is wrong with the head as it is written.
enum class HeadFault : std::uint8_t
{
    None,
    Missing, ///< no head: the pieces go onto the wire as they are, over HTTP/2 as frames
    Spoiled, ///< none that a caller may accept
};

/// A reply in full: what is sent and when. Knows nothing of sockets and timers, and of protocols only what a
/// fault says of one of them; faults are applied for the protocol of the request.
struct Script
{
    int firstByteMs = 0; ///< pause before the head
    http::ResponseHead head;
    std::vector<Piece> pieces;
    Ending ending = Ending::Regular;
    /// A stream of events whose last piece is the dialect's end event.
    bool isEventStream = false;

    HeadFault headFault = HeadFault::None;
    /// In place of the status; over HTTP/1.1 of the phrase too. Empty over HTTP/2: no `:status` at all.
    std::optional<QByteArray> statusText;
    int interimStatus = 0; ///< of a head that comes before; 0 = none
    /// HTTP/2: GOAWAY with NO_ERROR beside each so many-th reply of a connection, which then ends when its
    /// streams have; HTTP/1.1: `Connection: close`. 0 = never.
    int goAwayEvery = 0;
    std::uint32_t resetCode = 2; ///< HTTP/2: of Ending::Reset; INTERNAL_ERROR
    bool closesAtNext = false;   ///< HTTP/1.1: the connection closes as its next request arrives
    QByteArray rawFields;        ///< HTTP/1.1: lines that the head ends with, as they are
    bool isRawBody = false;      ///< HTTP/1.1: no field tells the framing, and the pieces go as they are
    QByteArray framesBefore;     ///< HTTP/2: whole frames before the head (http2_frames.h)
};

} // namespace weir::simulator
