// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "simulator/body_reader.h"
#include "simulator/request.h"
#include "simulator/script.h"
#include "simulator/simulator.h"
#include <cstdint>

namespace weir::simulator {

/// Decides what a request is answered with. No sockets, no timers: the time is passed in.
class Answerer
{
public:
    explicit Answerer(const Options &options) : m_options(options) {}

    Script answer(const Request &request, base::WallMs now);

private:
    Script replyTo(const Request &request, base::WallMs now);
    Script answerCall(const Request &request, base::WallMs now);

    const Options m_options;
    BodyReader m_bodyReader;
    std::uint64_t m_serial = 0;
};

} // namespace weir::simulator
