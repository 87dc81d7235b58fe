// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::profiling {

/// Milestones of one exchange in the order in which they are normally passed. A milestone that was skipped
/// (a reused lane connects nothing) has no stamp.
enum class Stage : std::uint8_t
{
    HeadBegan,    ///< first byte of the request seen
    HeadDone,     ///< head complete: Weir's own time begins
    Authorised,   ///< the steps on the head are done
    BodyDone,     ///< last byte of the request body received
    BodyDecided,  ///< the steps on a gathered body are done; absent where none wanted it
    Queued,       ///< handed to the pool
    LaneAcquired, ///< the pool gave a lane
    ConnectBegan, ///< a new connection was needed
    TcpConnected, ///< TCP is up, TLS begins; absent where the lane cannot tell
    Connected,    ///< connection and TLS are up
    RequestSent,  ///< last request byte handed to the upstream connection
    ReplyBegan,   ///< reply head received
    FirstChunk,   ///< first byte of the reply body
    FirstToken,   ///< first generated content
    ReplyEnded,   ///< last byte of the reply received
    Finished,     ///< last byte written to the client, exchange over
};
inline constexpr std::size_t StageCount = 16;

std::string_view name(Stage stage); ///< "head_began", …

} // namespace weir::profiling
