// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "simulator/script.h"
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir::simulator {

/// The number at the end of a fault's name; 0 for a fault without one.
using FaultNumber = std::int64_t;
using ApplyFault = void (*)(Script &, FaultNumber);

/// A way to break a finished script. One row per fault; README.md tells them to the reader.
struct Fault
{
    std::string_view name; ///< with a number: what comes before it, up to "-"
    ApplyFault http1;      ///< null = means nothing over HTTP/1.1
    ApplyFault http2;      ///< null = means nothing over HTTP/2
    FaultNumber most = -1; ///< largest number; -1 = the name has none
};

/// What breaks whole exchanges, and replies that are valid but not meant for a client.
std::span<const Fault> exchangeFaults();
/// What breaks heads and bodies as they are written.
std::span<const Fault> wireFaults();
/// Floods: what a caller has to end itself.
std::span<const Fault> floodFaults();

/// A number from `least` to `most` and nothing else.
std::optional<std::int64_t> readNumber(std::string_view text, std::int64_t least, std::int64_t most);

struct FoundFault
{
    const Fault *fault = nullptr; ///< null = there is none of this name
    FaultNumber number = 0;
};

FoundFault findFault(std::string_view name);

/// The first half of the body stays: half of the events, or half of the bytes of a single piece.
void keepFirstHalf(Script &script);
/// Bytes of the whole body.
std::int64_t bodySize(const Script &script);

} // namespace weir::simulator
