// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/capacity.h"

#include <algorithm>
#include <limits>
#include <sys/resource.h>

namespace weir::server {

namespace {

constexpr int FewestShare = 4; // a quarter

} // namespace

Capacity capacityFor(const Options &options, std::int64_t descriptors)
{
    const std::int64_t forClients =
        std::max(descriptors - options.descriptorsReserved, descriptors / FewestShare);
    const std::int64_t refused = std::min<std::int64_t>(RefusalsMax, forClients / FewestShare);
    const std::int64_t served = std::clamp<std::int64_t>(forClients - refused, 1, options.connectionsMax);
    return {int(served), int(refused)};
}

std::int64_t descriptorsWanted(const Options &options)
{
    return std::int64_t(options.descriptorsReserved) + options.connectionsMax + RefusalsMax;
}

std::int64_t descriptorLimit()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit); // cannot fail with these arguments
    return std::int64_t(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max()));
}

} // namespace weir::server
