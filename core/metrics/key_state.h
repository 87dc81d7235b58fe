// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace weir::metrics {

/// What one access key has used and reserved at one tick.
struct KeyState
{
    std::int64_t id = 0; ///< of the store; 0 = all keys together
    std::int64_t tokensInWindow = 0;
    std::int64_t windowLimit = 0; ///< 0 = none
    std::int64_t reserved = 0;    ///< tokens set aside for requests in work
    int running = 0;              ///< requests in work
    std::uint64_t refused = 0;    ///< by a limit, since start
};

} // namespace weir::metrics
