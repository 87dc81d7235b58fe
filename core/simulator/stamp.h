// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include <cstddef>
#include <string_view>

namespace weir::simulator {

/// A stamp tells within a content event when that event was handed to the socket: nanoseconds of the
/// monotonic clock (CLOCK_MONOTONIC on Linux), in a fixed width so that setting it changes no length. A
/// caller on the same machine takes it from its own clock and has the one-way lag.
inline constexpr std::size_t StampDigits = 20;
/// A stamp that is not set yet, as it stands in a text.
inline constexpr std::string_view BlankStamp = "@00000000000000000000@";
static_assert(BlankStamp.size() == StampDigits + 2);

/// Place of the digits of the last blank stamp in `text`, -1 if there is none.
std::ptrdiff_t findBlankStamp(std::string_view text);
/// Sets the StampDigits digits from `digits` on.
void setStamp(char *digits, base::Instant now);

} // namespace weir::simulator
