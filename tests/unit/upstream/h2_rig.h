// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "requests.h"
#include "support/frame_peer.h"
#include "support/recording_sink.h"
#include "upstream/direct_lane.h"
#include <memory>
#include <QTest>

namespace weir::test {

/// A lane that speaks HTTP/2 with a peer that does what a test says.
struct H2Rig
{
    explicit H2Rig(upstream::DirectOptions options = {}, const QByteArray &settings = {})
    {
        peer.settings = settings;
        options.http2PriorKnowledge = true;
        lane = std::make_unique<upstream::DirectLane>(upstream::Origin{false, "127.0.0.1", peer.port(), {}},
                                                      nullptr, options, clock);
        died = std::make_unique<QSignalSpy>(lane.get(), &upstream::Lane::died);
        lane->open();
        isReady = QTest::qWaitFor([&] {
            return lane->state() == upstream::LaneState::Ready && peer.count(FramePeer::Settings, 0) == 2;
        });
    }

    base::SystemClock clock;
    FramePeer peer;
    std::unique_ptr<upstream::DirectLane> lane;
    std::unique_ptr<QSignalSpy> died;
    bool isReady = false;
};

inline constexpr int First = 1; // stream

} // namespace weir::test
