// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "support/fake_lanes.h"
#include "support/manual_clock.h"
#include "upstream/pool.h"
#include <deque>
#include <QTest>

namespace weir::test {

/// A pool that has a single lane.
inline upstream::PoolOptions oneLane()
{
    upstream::PoolOptions options;
    options.lanesMin = options.lanesMax = 1;
    return options;
}

/// A pool over fake lanes with `slotCount` slots each, and a clock that stands still until it is moved. Sinks
/// are declared before it: it ends what is still open.
struct PoolFixture
{
    explicit PoolFixture(upstream::PoolOptions options = {}, int slotCount = 2, bool tls = true)
        : pool("sim", {tls, "api.example", 443, {}}, lanes.kind(slotCount), options, clock)
    {
    }
    ~PoolFixture()
    {
        for (FakeLane *lane : std::vector<FakeLane *>(lanes.alive)) {
            while (!lane->calls.empty())
                lane->calls.front()->end();
        }
        pool.drain();
    }

    /// Null if it was refused; `error` tells why.
    upstream::Call *submit(FakeSink &sink, upstream::Priority priority = upstream::Priority::Interactive,
                           const std::string &target = "/")
    {
        requests.push_back({"POST", target, {}, true, 10, priority});
        auto call = pool.submit(requests.back(), sink);
        if (!call)
            error = call.error();
        return call ? *call : nullptr;
    }
    /// Lets what was posted happen.
    static void settle()
    {
        for (int turn = 0; turn < 4; ++turn)
            QCoreApplication::processEvents();
    }
    /// Moves the clock and lets the pool look at it.
    void pass(base::Duration time)
    {
        clock.advance(time);
        sweep();
    }
    void sweep()
    {
        pool.sweep();
        settle();
    }

    FakeLanes lanes; // outlives the pool
    ManualClock clock;
    std::deque<upstream::CallRequest> requests; // borrowed by the pool
    base::Error error;
    upstream::Pool pool;
};

} // namespace weir::test
