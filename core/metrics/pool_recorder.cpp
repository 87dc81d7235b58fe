// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/pool_recorder.h"

namespace weir::metrics {

void PoolRecorder::add(const RequestRecord &record, base::Duration sinceStart)
{
    if (record.pool < 0 || std::size_t(record.pool) >= PoolsMax)
        return;
    const auto index = std::size_t(record.pool);
    if (m_pools.size() <= index)
        m_pools.resize(index + 1);
    if (!m_pools[index])
        m_pools[index] = std::make_unique<Window>();
    const std::int64_t number = sinceStart / Slot;
    Part &part = (*m_pools[index])[std::size_t(number) % SlotCount];
    if (part.number != number) {
        part.number = number;
        part.wait.clear();
        part.total.clear();
    }
    if (record.gotLane)
        part.wait.add(base::toMicros(record.laneWait));
    if (record.outcome == Outcome::Completed && !record.isError())
        part.total.add(base::toMicros(record.total));
}

void PoolRecorder::fill(std::vector<PoolState> &pools, base::Duration sinceStart) const
{
    const std::int64_t now = sinceStart / Slot;
    for (std::size_t index = 0; index < pools.size() && index < m_pools.size(); ++index) {
        if (!m_pools[index])
            continue;
        Histogram wait;
        Histogram total;
        for (const Part &part : *m_pools[index]) {
            if (part.number < 0 || part.number <= now - std::int64_t(SlotCount))
                continue;
            wait.merge(part.wait);
            total.merge(part.total);
        }
        pools[index].wait = percentilesOf(wait);
        pools[index].total = percentilesOf(total);
    }
}

} // namespace weir::metrics
