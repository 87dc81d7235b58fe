// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "server/options.h"
#include <cstdint>

namespace weir::server {

/// Refusals that may be on their way to clients at a time; beyond, connections are just closed.
inline constexpr int RefusalsMax = 64;

/// How many client connections may be open at a time.
struct Capacity
{
    int served = 0;
    int refused = 0; ///< beside them, while they read why
};

/// What fits where this process may have `descriptors` open and keeps Options::descriptorsReserved of them
/// for itself. Where they are few clients get a quarter of them, and of what they get refusals a quarter.
Capacity capacityFor(const Options &options, std::int64_t descriptors);
/// As many descriptors as allow Options::connectionsMax.
std::int64_t descriptorsWanted(const Options &options);

/// How many descriptors this process may have now (RLIMIT_NOFILE). Others may change it at any time.
std::int64_t descriptorLimit();

} // namespace weir::server
