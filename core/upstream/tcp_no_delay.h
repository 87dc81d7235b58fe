// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace weir::upstream {

/// Sets TCP_NODELAY on every TCP socket of this process that lacks it.
///
/// QNetworkAccessManager opens its sockets out of reach and leaves Nagle's algorithm on. Over HTTP/2 a POST
/// is two writes (HEADERS, DATA), so Nagle waits for the peer's delayed acknowledgement: 40 ms for every
/// small request. Setting the option later releases what is held back, so it is enough to call this when a
/// connection has been made. Costs one look at /proc/self/fd (memory, no disk). Does nothing where the system
/// has no such folder.
void disableNagleEverywhere();

} // namespace weir::upstream
