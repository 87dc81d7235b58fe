// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "requests.h"
#include "support/byte_peer.h"
#include "support/recording_sink.h"
#include "upstream/direct_lane.h"
#include <memory>
#include <QTest>

namespace weir::test {

/// A lane that speaks HTTP/1.1 with a peer that does what a test says.
struct H1Rig
{
    explicit H1Rig(upstream::DirectOptions options = {})
    {
        lane = std::make_unique<upstream::DirectLane>(upstream::Origin{false, "127.0.0.1", peer.port(), {}},
                                                      nullptr, options, clock);
        died = std::make_unique<QSignalSpy>(lane.get(), &upstream::Lane::died);
        lane->open();
        isReady = QTest::qWaitFor(
            [&] { return lane->state() == upstream::LaneState::Ready && peer.connections == 1; });
    }

    base::SystemClock clock;
    BytePeer peer;
    std::unique_ptr<upstream::DirectLane> lane;
    std::unique_ptr<QSignalSpy> died;
    bool isReady = false;
};

} // namespace weir::test
