// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "config/config.h"
#include "upstream/lane_kind.h"
#include <memory>

namespace weir::engine {

/// Which kind of lane reaches each provider: its `transport`, or for "auto" the direct lanes unless a system
/// proxy stands in between, which only QNetworkAccessManager can pass. Logs what differs from the usual.
/// `clock` is borrowed for the life of what is returned and of the lanes.
upstream::LaneKinds laneKinds(std::shared_ptr<const config::Config> config, const base::Clock &clock);

} // namespace weir::engine
