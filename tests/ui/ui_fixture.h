// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/theme.h"

namespace weir::test {

/// A record as the engine makes them; `number` varies model, status and times.
inline metrics::RequestRecord sampleRecord(int number)
{
    using profiling::Stage;
    using std::chrono::microseconds;
    metrics::RequestRecord record;
    record.id = base::ExchangeId(std::uint64_t(number));
    record.startedAt = 1'700'000'000'000 + number * 137;
    record.tool = number % 3 == 0 ? "Codex" : "Claude Code";
    record.method = number % 11 == 0 ? "GET" : "POST";
    record.path = number % 3 == 0 ? "/v1/responses" : "/v1/messages";
    record.provider = "anthropic";
    record.modelRequested = "model-" + std::to_string(number % 5);
    record.modelServed = record.modelRequested;
    record.status = number % 17 == 0 ? 429 : 200;
    record.streamed = true;
    record.usage = {1200 + number, 980, 0, 85 + number % 40, 0, true};
    record.requestBytes = 48'000;
    record.replyBytes = 9'000;
    const base::Instant start{std::chrono::seconds(1000)};
    record.timeline = profiling::Timeline(true);
    const std::pair<Stage, int> stamps[] = {
        {Stage::HeadBegan, 0},        {Stage::HeadDone, 50},        {Stage::Authorised, 80},
        {Stage::BodyDone, 200},       {Stage::Queued, 90},          {Stage::LaneAcquired, 110},
        {Stage::RequestSent, 230},    {Stage::ReplyBegan, 180'000}, {Stage::FirstChunk, 181'000},
        {Stage::ReplyEnded, 900'000}, {Stage::Finished, 900'017}};
    for (const auto &[stage, at] : stamps)
        record.timeline.mark(stage, start + microseconds(at));
    using profiling::Work;
    for (const auto &[work, took] : {std::pair(Work::Deciding, 30),
                                     {Work::Preparing, 10},
                                     {Work::Sending, 30},
                                     {Work::Head, 5},
                                     {Work::Ending, 17}})
        record.timeline.addOwn(work, microseconds(took));
    record.timeline.addPiece(microseconds(8 + number % 30));
    record.timeline.mark(Stage::FirstToken, start + microseconds(181'000));
    record.firstToken = microseconds(181'000 + number % 100 * 1000);
    record.total = microseconds(899'967);
    record.own = record.timeline.own();
    record.pieceCount = 61;
    record.pieceMedian = microseconds(7 + number % 4);
    return record;
}

inline std::shared_ptr<const metrics::Snapshot> sampleSnapshot(base::WallMs at, std::uint64_t requests)
{
    metrics::Snapshot snapshot;
    snapshot.at = at;
    snapshot.requests = requests;
    snapshot.windowRequests = requests;
    snapshot.windowErrors = requests / 17;
    snapshot.requestsPerSecond = 2.4;
    snapshot.requestsPerMinute = 140;
    if (requests >= metrics::SamplesForP50) {
        snapshot.firstToken = {requests, 182'000, 410'000, 900'000, 950'000};
        snapshot.added = {requests, 84, 130, 310, 400};
        snapshot.pieceCount = requests * 61;
        snapshot.pieceMedian = std::chrono::microseconds(8);
    }
    metrics::PoolState pool;
    pool.provider = "anthropic";
    pool.origin = "https://api.anthropic.com:443";
    pool.protocol = "h2";
    pool.transport = "direct";
    pool.active = 1;
    pool.lanesMax = 10;
    pool.inFlight = pool.used = 2;
    pool.slots = 100;
    pool.calls = pool.started = requests;
    pool.failures = pool.connections = pool.fresh = 1;
    pool.failuresByKind = {{base::Errc::UpstreamClosed, 1}};
    snapshot.pools.push_back(std::move(pool));
    return std::make_shared<const metrics::Snapshot>(snapshot);
}

/// Feeds `count` records in batches of up to 250, as ticks do.
inline void feedRecords(engine::LiveFeed &feed, int count, base::WallMs at = 1'700'000'000'000)
{
    for (int from = 0; from < count; from += 250) {
        metrics::RecordBatch batch;
        for (int number = from; number < std::min(count, from + 250); ++number)
            batch.push_back(sampleRecord(number));
        auto snapshot = sampleSnapshot(at + from * 4, std::uint64_t(from) + batch.size());
        feed.accept(std::move(snapshot), std::move(batch));
    }
}

} // namespace weir::test
