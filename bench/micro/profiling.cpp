// SPDX-License-Identifier: GPL-3.0-or-later
#include "profiling/timeline.h"

#include "micro/cases.h"
#include "profiling/piece_times.h"

namespace weir::micro {

namespace {

using profiling::Stage;
using profiling::StageCount;
using profiling::Timeline;

/// All stages of an exchange, one mark per counted round. `now` says what is marked.
template<typename Now>
void mark(benchmark::State &state, bool detailed, Now now)
{
    Timeline timeline(detailed);
    while (state.KeepRunningBatch(int(StageCount))) {
        timeline = Timeline(detailed);
        for (std::size_t stage = 0; stage < StageCount; ++stage) {
            timeline.mark(Stage(stage), now());
            benchmark::DoNotOptimize(timeline);
        }
    }
    // Either way the totals need the end of an exchange.
    if (!timeline.at(Stage::Finished))
        state.SkipWithError("the last stage was not marked");
}

} // namespace

void addProfilingCases(Cases &cases)
{
    const auto add = [&cases](std::string name, std::function<void(benchmark::State &)> work) {
        cases.push_back({"profiling", std::move(name), std::move(work)});
    };
    static const base::SystemClock clock;
    // Through the interface, as the pipeline reads it.
    static const base::Clock *const borrowed = &clock;
    const auto fixed = [] { return base::Instant(base::Duration(1)); };
    add("mark a stage", [fixed](benchmark::State &state) { mark(state, true, fixed); });
    add("mark a stage, switched off", [fixed](benchmark::State &state) { mark(state, false, fixed); });
    add("count a piece of a stream", [](benchmark::State &state) {
        profiling::PieceTimes pieces;
        base::Duration spent(20'000);
        for (auto each : state) {
            (void)each;
            benchmark::DoNotOptimize(spent);
            pieces.add(spent);
            benchmark::DoNotOptimize(pieces);
        }
    });
    add("read the clock and mark a stage", [](benchmark::State &state) {
        mark(state, true, [clockUsed = borrowed] {
            benchmark::DoNotOptimize(clockUsed);
            return clockUsed->now();
        });
    });
}

} // namespace weir::micro
