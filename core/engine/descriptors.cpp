// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/descriptors.h"

#include "engine/room_options.h"
#include "server/capacity.h"

namespace weir::engine {

int reservedDescriptors(const config::Config &config)
{
    // A provider by TLS nearly always speaks HTTP/2, one without never.
    const auto lanesOf = [&config](const std::string &base) {
        if (base.empty())
            return 0;
        return base.starts_with("http:") ? config.pool.maxHttp1 : config.pool.max;
    };
    int lanes = 0;
    for (const config::Provider &provider : config.providers)
        lanes += lanesOf(provider.openaiBase) + lanesOf(provider.anthropicBase);
    return OwnDescriptors + lanes;
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
