// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include <algorithm>
#include <cstdint>
#include <map>

namespace weir::store {

/// Requests that Weir has refused by itself, by reason: no provider was asked for anything, so they are
/// counted and not kept one by one. Nothing of a client's is in it, and it is never larger than Errc.
struct Refusals
{
    base::WallMs at = 0; ///< of the last; all are counted in its hour
    std::map<base::Errc, std::int64_t> byReason;

    bool isEmpty() const { return byReason.empty(); }
    void add(base::Errc reason, base::WallMs when)
    {
        ++byReason[reason];
        at = std::max(at, when);
    }
    void add(const Refusals &others)
    {
        for (const auto &[reason, count] : others.byReason)
            byReason[reason] += count;
        at = std::max(at, others.at);
    }
};

} // namespace weir::store
