// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/recorder.h"

#include <algorithm>
#include <utility>

namespace weir::metrics {

namespace {

std::int64_t secondsSince(base::Instant start, base::Instant now)
{
    return std::chrono::duration_cast<std::chrono::seconds>(now - start).count();
}

} // namespace

Recorder::Recorder(const base::Clock &clock) : m_clock(clock), m_startedAt(clock.now()) {}

Recorder::Part &Recorder::currentPart(base::Instant now)
{
    const std::int64_t number = (now - m_startedAt) / Slot;
    Part &part = m_parts[std::size_t(number) % SlotCount];
    if (part.number != number) {
        part.number = number;
        part.firstToken.clear();
        part.total.clear();
        part.added.clear();
        part.pieces = {};
        part.requests = 0;
        part.errors = 0;
    }
    return part;
}

void Recorder::ended(RequestRecord record)
{
    const base::Instant now = m_clock.coarseNow(); // says only which slot it belongs to
    Part &part = currentPart(now);
    --m_active;
    ++m_totals.requests;
    ++part.requests;
    if (record.isError()) {
        ++m_totals.errors;
        ++part.errors;
    }
    if (record.outcome == Outcome::Cancelled)
        ++m_totals.cancelled;
    m_totals.inputTokens += std::uint64_t(record.usage.input);
    m_totals.outputTokens += std::uint64_t(record.usage.output);
    if (record.isForwarded()) {
        part.added.add(base::toMicros(record.own));
        if (record.pieceMedian)
            part.pieces.add(*record.pieceMedian, std::uint32_t(record.pieceCount));
        if (record.outcome == Outcome::Completed && !record.isError()) {
            part.total.add(base::toMicros(record.total));
            if (record.firstToken)
                part.firstToken.add(base::toMicros(*record.firstToken));
        }
    }

    m_pools.add(record, now - m_startedAt);

    const std::int64_t number = secondsSince(m_startedAt, now);
    Second &second = m_seconds[std::size_t(number) % m_seconds.size()];
    if (second.number != number)
        second = {number, 0};
    ++second.requests;

    if (m_batch.size() < RecordBatchMax) {
        m_batch.push_back(std::move(record));
        if (m_batch.size() == HandOver && m_handOver)
            m_handOver();
        return;
    }
    m_batch[m_batchOldest] = std::move(record);
    m_batchOldest = (m_batchOldest + 1) % RecordBatchMax;
    ++m_totals.recordsLost;
}

void Recorder::pageServed()
{
    --m_active;
    ++m_totals.ownPages;
}

void Recorder::providerSaid(const std::string &provider, std::vector<llm::RateLimit> limits)
{
    auto &all = m_totals.providerLimits;
    auto known = std::find_if(all.begin(), all.end(),
                              [&](const ProviderLimits &each) { return each.provider == provider; });
    if (known == all.end()) {
        all.emplace_back().provider = provider;
        known = all.end() - 1;
    }
    known->at = m_clock.wallNow();
    known->limits = std::move(limits);
}

std::uint64_t Recorder::endedWithin(std::int64_t currentSecond, std::size_t seconds) const
{
    std::uint64_t requests = 0;
    for (const Second &second : m_seconds) {
        // The current second is not over yet and does not count.
        if (second.number >= 0 && second.number < currentSecond &&
            second.number >= currentSecond - std::int64_t(seconds))
            requests += second.requests;
    }
    return requests;
}

Snapshot Recorder::tick(std::vector<PoolState> pools)
{
    const base::Instant now = m_clock.now();
    Snapshot snapshot = m_totals;
    snapshot.at = m_clock.wallNow();
    snapshot.uptime = now - m_startedAt;
    snapshot.active = m_active;

    const std::int64_t second = secondsSince(m_startedAt, now);
    const double averaged = double(std::clamp<std::int64_t>(second, 1, std::int64_t(RateSeconds)));
    snapshot.requestsPerSecond = double(endedWithin(second, RateSeconds)) / averaged;
    snapshot.requestsPerMinute = double(endedWithin(second, 60));

    const std::int64_t slot = (now - m_startedAt) / Slot;
    Histogram firstToken;
    Histogram total;
    Histogram added;
    profiling::PieceTimes pieces;
    for (const Part &part : m_parts) {
        if (part.number < 0 || part.number <= slot - std::int64_t(SlotCount))
            continue;
        firstToken.merge(part.firstToken);
        total.merge(part.total);
        added.merge(part.added);
        pieces.merge(part.pieces);
        snapshot.windowRequests += part.requests;
        snapshot.windowErrors += part.errors;
    }
    snapshot.firstToken = percentilesOf(firstToken);
    snapshot.total = percentilesOf(total);
    snapshot.added = percentilesOf(added);
    snapshot.pieceCount = pieces.count();
    snapshot.pieceMedian = pieces.median();
    m_pools.fill(pools, now - m_startedAt);
    snapshot.pools = std::move(pools);
    return snapshot;
}

RecordBatch Recorder::takeBatch()
{
    std::rotate(m_batch.begin(), m_batch.begin() + std::ptrdiff_t(m_batchOldest), m_batch.end());
    m_batchOldest = 0;
    return std::exchange(m_batch, {});
}

} // namespace weir::metrics
