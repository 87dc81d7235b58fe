// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "support/fake_lane.h"
#include "upstream/lane_kind.h"
#include <memory>
#include <vector>

namespace weir::test {

/// Makes fake lanes and remembers them. A pointer stays valid until the pool has freed the lane.
struct FakeLanes
{
    upstream::LaneKind kind(int slotCount, bool needsBodySize = false)
    {
        upstream::LaneKind kind;
        kind.transport = "fake";
        kind.needsBodySize = needsBodySize;
        kind.make = [this, slotCount, needsBodySize](const upstream::Origin &) {
            auto lane = std::make_unique<FakeLane>(slotCount);
            FakeLane *made = lane.get();
            made->needsSize = needsBodySize;
            QObject::connect(made, &QObject::destroyed, made, [this, made] { std::erase(alive, made); });
            alive.push_back(made);
            ++count;
            return lane;
        };
        return kind;
    }
    FakeLane &operator[](std::size_t index) { return *alive.at(index); }

    std::vector<FakeLane *> alive;
    int count = 0; ///< ever made
};

} // namespace weir::test
