// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "metrics/histogram.h"
#include "metrics/pool_recorder.h"
#include "metrics/request_record.h"
#include "metrics/snapshot.h"
#include "profiling/piece_times.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace weir::metrics {

/// Counts what happens in the proxy thread and sums it up at each tick. Cheap per exchange: four histogram
/// entries and one move into the batch.
class Recorder
{
public:
    /// Records kept between two ticks; when more come, the oldest are dropped and counted as lost.
    static constexpr std::size_t RecordBatchMax = 2'000;
    /// The batch has grown to this: time to take it, so that none is dropped however fast they end.
    static constexpr std::size_t HandOver = 500;
    /// The window of all percentiles, as a ring of slots.
    static constexpr base::Duration Slot = std::chrono::seconds(10);
    static constexpr std::size_t SlotCount = 30;
    /// Full seconds over which requestsPerSecond is averaged.
    static constexpr std::size_t RateSeconds = 5;

    /// `clock` is borrowed for the recorder's life.
    explicit Recorder(const base::Clock &clock);

    void begun() { ++m_active; }
    /// A reply of this provider has told of its limits. Providers are few: those of the configuration.
    void providerSaid(const std::string &provider, std::vector<llm::RateLimit> limits);
    /// Once for each begun() this …
    void ended(RequestRecord record);
    /// … or, of a page of Weir's own, this: it is counted apart and leaves no record.
    void pageServed();
    /// Called within ended(), when the batch has grown to HandOver; it may take the batch.
    void onHandOver(std::function<void()> call) { m_handOver = std::move(call); }

    /// Everything that is counted here. `pools` as the engine sees them, in the order of RequestRecord::pool,
    /// get their percentiles; connections are filled in by the engine.
    Snapshot tick(std::vector<PoolState> pools = {});
    /// The records since the last call, oldest first.
    RecordBatch takeBatch();

private:
    /// One slot of the window.
    struct Part
    {
        std::int64_t number = -1; ///< which ten seconds since start it holds
        Histogram firstToken;
        Histogram total;
        Histogram added;
        profiling::PieceTimes pieces; // those of a reply at its median
        std::uint64_t requests = 0;
        std::uint64_t errors = 0;
    };
    /// Requests ended in one second, for the rates.
    struct Second
    {
        std::int64_t number = -1;
        std::uint64_t requests = 0;
    };

    Part &currentPart(base::Instant now);
    std::uint64_t endedWithin(std::int64_t currentSecond, std::size_t seconds) const;

    const base::Clock &m_clock;
    const base::Instant m_startedAt;
    std::array<Part, SlotCount> m_parts;
    std::array<Second, 64> m_seconds;
    Snapshot m_totals; // the counters since start; the rest is filled in at each tick
    PoolRecorder m_pools;
    int m_active = 0;
    RecordBatch m_batch;
    std::function<void()> m_handOver;
    std::size_t m_batchOldest = 0; // a ring once it is full
};

} // namespace weir::metrics
