// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "metrics/histogram.h"
#include "metrics/percentiles.h"
#include "metrics/pool_state.h"
#include "metrics/request_record.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weir::metrics {

/// Percentiles of each pool over the last five minutes: how long calls waited for a lane, how long exchanges
/// took.
class PoolRecorder
{
public:
    /// The window as a ring of slots: coarser than the recorder's, because each pool costs 14 KiB per slot.
    static constexpr base::Duration Slot = std::chrono::minutes(1);
    static constexpr std::size_t SlotCount = 5;
    /// Pools that are recorded; further ones show no percentiles. Twice what config::ProvidersMax allows.
    static constexpr std::size_t PoolsMax = 128;

    void add(const RequestRecord &record, base::Duration sinceStart);
    /// Fills in the percentiles of `pools`, which are in the order of RequestRecord::pool.
    void fill(std::vector<PoolState> &pools, base::Duration sinceStart) const;

private:
    struct Part
    {
        std::int64_t number = -1; ///< which minute since start it holds
        Histogram wait;
        Histogram total;
    };
    using Window = std::array<Part, SlotCount>;

    std::vector<std::unique_ptr<Window>> m_pools;
};

} // namespace weir::metrics
