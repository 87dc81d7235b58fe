// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/ring.h"
#include "metrics/request_record.h"
#include "metrics/snapshot.h"
#include <cstddef>
#include <memory>
#include <optional>
#include <QObject>
#include <vector>

namespace weir::engine {

/// One second of one pool.
struct PoolPoint
{
    int inFlight = 0;
    int waiting = 0;
    int slots = 0;
};

/// One second of the live charts.
struct HistoryPoint
{
    base::WallMs at = 0;
    metrics::Percentiles firstToken;
    metrics::Percentiles added;
    std::uint64_t pieceCount = 0;
    std::optional<base::Duration> pieceMedian;
    double requestsPerSecond = 0;
    std::vector<PoolPoint> pools; ///< in the order of Snapshot::pools
};

/// Main thread. Where snapshots and records arrive and the newest of them are kept, so that a window opened
/// late shows what has happened. Pages read from here and from nothing else.
class LiveFeed : public QObject
{
    Q_OBJECT
public:
    static constexpr std::size_t HistorySeconds = 300;
    static constexpr std::size_t RecordsKept = 10'000;

    explicit LiveFeed(QObject *parent = nullptr);

    /// The newest snapshot; never null (an empty one before the first tick).
    const metrics::Snapshot &snapshot() const { return *m_snapshot; }
    /// One point a second, oldest first, while the engine runs.
    const base::Ring<HistoryPoint> &history() const { return m_history; }
    /// Newest RecordsKept ended exchanges, oldest first.
    const base::Ring<metrics::RequestRecord> &records() const { return m_records; }
    /// Records ever received: the newest has this number, counted from 1.
    std::uint64_t recordCount() const { return m_recordCount; }

    void clear();

public Q_SLOTS:
    /// Every 250 ms from the engine. `snapshot` is not null.
    void accept(std::shared_ptr<const weir::metrics::Snapshot> snapshot, weir::metrics::RecordBatch records);

Q_SIGNALS:
    /// After each tick. `newRecords` = how many at the end of records() are new since the last signal.
    void updated(std::size_t newRecords);
    void cleared();

private:
    std::shared_ptr<const metrics::Snapshot> m_snapshot;
    base::Ring<HistoryPoint> m_history{HistorySeconds};
    base::Ring<metrics::RequestRecord> m_records{RecordsKept};
    std::uint64_t m_recordCount = 0;
};

} // namespace weir::engine
