// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/lane.h"
#include <functional>
#include <memory>
#include <string>

namespace weir::upstream {

/// How the lanes of one pool reach their origin. Chosen by the engine, for the pool's whole life.
struct LaneKind
{
    std::string transport;      ///< "direct" or "qnam", for people
    std::string notice;         ///< why it is not what one would expect; "" = it is
    bool seesFrames = true;     ///< its lanes learn of GOAWAYs and resets
    bool needsBodySize = false; ///< what each of its lanes answers to Lane::needsBodySize()
    std::function<std::unique_ptr<Lane>(const Origin &origin)> make;
};

/// The kind of lane for a provider and one of its origins.
using LaneKinds = std::function<LaneKind(const std::string &provider, const Origin &origin)>;

} // namespace weir::upstream
