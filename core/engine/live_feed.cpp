// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/live_feed.h"

namespace weir::engine {

LiveFeed::LiveFeed(QObject *parent) : QObject(parent), m_snapshot(std::make_shared<const metrics::Snapshot>())
{
}

void LiveFeed::accept(std::shared_ptr<const metrics::Snapshot> snapshot, metrics::RecordBatch records)
{
    m_snapshot = std::move(snapshot);
    constexpr base::WallMs Second = 1000;
    // A clock set back must not silence the charts: any other second is a new one.
    if (m_history.empty() || m_snapshot->at / Second != m_history.newest().at / Second) {
        HistoryPoint point{m_snapshot->at,
                           m_snapshot->firstToken,
                           m_snapshot->added,
                           m_snapshot->pieceCount,
                           m_snapshot->pieceMedian,
                           m_snapshot->requestsPerSecond,
                           {}};
        for (const metrics::PoolState &pool : m_snapshot->pools)
            point.pools.push_back({pool.inFlight, pool.waiting, pool.slots});
        m_history.push(std::move(point));
    }
    const std::size_t count = records.size();
    m_recordCount += count;
    for (metrics::RequestRecord &record : records)
        m_records.push(std::move(record));
    Q_EMIT updated(count);
}

void LiveFeed::clear()
{
    m_history.clear();
    m_records.clear();
    Q_EMIT cleared();
}

} // namespace weir::engine
