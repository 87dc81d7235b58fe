// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include "upstream/lane_kind.h"
#include <memory>

namespace weir::engine {

/// Which kind of lane reaches each provider: its `transport`, or for "auto" the direct lanes unless a system
/// proxy stands in between, which only QNetworkAccessManager can pass. Logs what differs from the usual.
upstream::LaneKinds laneKinds(std::shared_ptr<const config::Config> config);

} // namespace weir::engine
