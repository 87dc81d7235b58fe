// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>

namespace weir::metrics {

/// The account of one access key at one tick. Only keys that have been used since the start have one.
struct KeyState
{
    std::int64_t id = 0;             ///< of the store; 0 = all requests together, with a key or without
    std::int64_t tokensInWindow = 0; ///< counted
    std::optional<std::int64_t> windowLimit; ///< tokens per window; absent = none
    std::int64_t reserved = 0;               ///< tokens set aside for requests in work, besides
    std::int64_t running = 0;                ///< requests in work that a provider bills
    std::uint64_t refused = 0;               ///< requests that a limit has refused, since the start
};

} // namespace weir::metrics
