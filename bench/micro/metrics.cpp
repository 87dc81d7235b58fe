// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/histogram.h"
#include "metrics/recorder.h"
#include "micro/bodies.h"
#include "micro/cases.h"

namespace weir::micro {

namespace {

class SteppedClock final : public base::Clock
{
public:
    base::Instant now() const override { return m_now; }
    base::WallMs wallNow() const override { return 0; }
    void step(base::Duration by) { m_now += by; }

private:
    base::Instant m_now{std::chrono::hours(1)};
};

metrics::RequestRecord usualRecord()
{
    metrics::RequestRecord record;
    record.tool = "Claude Code";
    record.method = "POST";
    record.path = "/v1/messages";
    record.provider = "anthropic";
    record.endpoint = llm::Endpoint{llm::Dialect::Anthropic, llm::Api::Messages};
    record.modelRequested = BodyModel;
    record.modelServed = BodyModel;
    record.status = 200;
    record.streamed = true;
    record.protocol = "h2";
    record.usage = {25, 20, 0, 189, 0, true};
    record.total = std::chrono::milliseconds(1800);
    record.firstToken = std::chrono::milliseconds(420);
    record.own = std::chrono::microseconds(90);
    return record;
}

/// A different value each time, spread over four decades as latencies are.
class Latencies
{
public:
    std::int64_t next()
    {
        m_state = m_state * 6364136223846793005U + 1442695040888963407U;
        const std::uint64_t bits = m_state >> 33U;
        return std::int64_t(bits & 1023U) << (bits >> 10U & 7U) << 1U;
    }

private:
    std::uint64_t m_state = 1;
};

void add(benchmark::State &state)
{
    metrics::Histogram histogram;
    Latencies latencies;
    for (auto _ : state)
        histogram.add(latencies.next());
    if (histogram.count() != std::uint64_t(state.iterations()))
        state.SkipWithError("not every value was counted");
}

void percentile(benchmark::State &state)
{
    metrics::Histogram histogram;
    Latencies latencies;
    for (int number = 0; number < 10'000; ++number)
        histogram.add(latencies.next());
    for (auto _ : state)
        benchmark::DoNotOptimize(histogram.percentile(0.99));
}

void ended(benchmark::State &state)
{
    SteppedClock clock;
    metrics::Recorder recorder(clock);
    constexpr int BatchSize = 256;
    std::vector<metrics::RequestRecord> records;
    inBatches(
        state, BatchSize,
        [&](int count) {
            recorder.takeBatch();
            clock.step(std::chrono::milliseconds(250));
            records.assign(std::size_t(count), usualRecord());
        },
        [&](int number) {
            recorder.begun();
            recorder.ended(std::move(records[std::size_t(number)]));
        });
    if (recorder.takeBatch().size() != BatchSize)
        state.SkipWithError("not every record was kept");
}

/// With something in every slot of the window, as after five minutes of work.
void tick(benchmark::State &state)
{
    SteppedClock clock;
    metrics::Recorder recorder(clock);
    Latencies latencies;
    constexpr int PerSlot = 100;
    for (std::size_t slot = 0; slot < metrics::Recorder::SlotCount; ++slot) {
        for (int number = 0; number < PerSlot; ++number) {
            metrics::RequestRecord record = usualRecord();
            record.total = std::chrono::microseconds(latencies.next());
            recorder.begun();
            recorder.ended(std::move(record));
        }
        if (slot + 1 < metrics::Recorder::SlotCount)
            clock.step(metrics::Recorder::Slot);
    }
    std::uint64_t samples = 0;
    for (auto _ : state)
        samples = recorder.tick().total.samples;
    if (samples != PerSlot * metrics::Recorder::SlotCount)
        state.SkipWithError("the window is not full");
}

} // namespace

void addMetricsCases(Cases &cases)
{
    cases.push_back({"metrics", "count a value in a histogram", add});
    cases.push_back({"metrics", "find a percentile", percentile});
    cases.push_back({"metrics", "count an ended exchange", ended});
    cases.push_back({"metrics", "sum up at a tick, window full", tick});
}

} // namespace weir::micro
