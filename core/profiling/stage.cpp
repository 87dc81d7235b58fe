// SPDX-License-Identifier: GPL-3.0-or-later
#include "profiling/stage.h"

#include <array>

namespace weir::profiling {

std::string_view name(Stage stage)
{
    static constexpr std::array<std::string_view, StageCount> Names{
        "head_began",    "head_done",     "authorised",    "body_done", "body_decided", "queued",
        "lane_acquired", "connect_began", "tcp_connected", "connected", "request_sent", "reply_began",
        "first_chunk",   "first_token",   "reply_ended",   "finished",
    };
    return Names[static_cast<std::size_t>(stage)];
}

} // namespace weir::profiling
