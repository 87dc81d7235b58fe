// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/lanes.h"

#include "upstream/direct_lane.h"
#include "upstream/qnam_lane.h"
#include <algorithm>
#include <QLoggingCategory>

namespace weir::engine {

namespace {

Q_LOGGING_CATEGORY(log, "weir.upstream")

struct Choice
{
    config::Transport transport = config::Transport::Direct; // never Auto
    std::string notice;
};

Choice choose(const config::Config &config, const std::string &name)
{
    const auto provider = std::find_if(config.providers.begin(), config.providers.end(),
                                       [&](const config::Provider &one) { return one.name == name; });
    const config::Transport asked =
        provider == config.providers.end() ? config::Transport::Auto : provider->transport;
    switch (asked) {
    case config::Transport::Qnam:
        return {config::Transport::Qnam, {}};
    case config::Transport::Direct:
        return {config::Transport::Direct,
                config.useSystemProxy
                    ? "past the system's proxy, because provider." + name + ".transport is 'direct'"
                    : ""};
    case config::Transport::Auto:
        break;
    }
    if (config.useSystemProxy)
        return {config::Transport::Qnam,
                "through Qt's network stack, because upstream.use_system_proxy is set"};
    return {};
}

upstream::LaneKind qnamKind(bool useSystemProxy)
{
    upstream::LaneKind kind;
    kind.transport = "qnam";
    kind.needsBodySize = true;
    kind.seesFrames = false;
    kind.make = [useSystemProxy,
                 graveyard = std::make_shared<upstream::ManagerGraveyard>()](const upstream::Origin &origin) {
        return std::make_unique<upstream::QnamLane>(origin, useSystemProxy, graveyard);
    };
    return kind;
}

upstream::LaneKind directKind(const config::Config &config, const base::Clock &clock)
{
    upstream::DirectOptions options;
    options.connect = std::chrono::milliseconds(config.timeouts.connectMs);
    upstream::LaneKind kind;
    kind.transport = "direct";
    kind.make = upstream::directLanes(options, clock);
    return kind;
}

} // namespace

upstream::LaneKinds laneKinds(std::shared_ptr<const config::Config> config, const base::Clock &clock)
{
    return [config, &clock](const std::string &provider, const upstream::Origin &origin) {
        const Choice choice = choose(*config, provider);
        upstream::LaneKind kind = choice.transport == config::Transport::Direct
                                      ? directKind(*config, clock)
                                      : qnamKind(config->useSystemProxy);
        kind.notice = choice.notice;
        if (!kind.notice.empty()) {
            qCInfo(log, "%s (%s) is reached %s", provider.c_str(), origin.text().c_str(),
                   kind.notice.c_str());
        }
        return kind;
    };
}

} // namespace weir::engine
