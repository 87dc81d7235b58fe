// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/descriptors.h"

#include "engine/room_options.h"
#include "server/capacity.h"

namespace weir::engine {

int reservedDescriptors(const config::Config &config)
{
    int origins = 0; // at most
    for (const config::Provider &provider : config.providers)
        origins += int(!provider.openaiBase.empty()) + int(!provider.anthropicBase.empty());
    return OwnDescriptors + origins * config.pool.max;
}

std::optional<std::string> descriptorNotice(const config::Config &config, std::int64_t limit)
{
    const server::Options options = serverOptions(config);
    const server::Capacity capacity = server::capacityFor(options, limit);
    if (capacity.served >= options.connectionsMax)
        return std::nullopt;
    return "Weir may have " + std::to_string(limit) + " files open, so it serves " +
           std::to_string(capacity.served) + " client connections at a time instead of the " +
           std::to_string(options.connectionsMax) +
           " of listen.connections_max: " + std::to_string(limit - capacity.served - capacity.refused) +
           " files are kept for providers and for Weir itself; raise the limit to " +
           std::to_string(server::descriptorsWanted(options)) +
           " (ulimit -Hn, or LimitNOFILE= of a systemd unit), or lower listen.connections_max";
}

} // namespace weir::engine
