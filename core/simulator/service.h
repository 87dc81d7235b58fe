// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "simulator/request.h"
#include "simulator/script.h"

namespace weir::simulator {

/// How a reply ended. Neither completed nor cancelled: broken off by a fault.
struct Outcome
{
    int status = 0; ///< 0 = no valid head was sent
    bool completed = false;
    bool cancelled = false;
    base::Duration duration{};
};

/// What connections need of the simulator that owns them.
class Service
{
public:
    virtual base::Instant now() const = 0;
    virtual Script answer(const Request &request) = 0;
    virtual void reportArrival(const Request &request) = 0;
    virtual void reportEnd(const Request &request, const Outcome &outcome) = 0;

protected:
    ~Service() = default;
};

} // namespace weir::simulator
