// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <benchmark/benchmark.h>
#include <functional>
#include <string>
#include <vector>

namespace weir::micro {

/// A case that knows it sets this counter: nanoseconds that all but one of a hundred operations need.
inline constexpr const char *P99Counter = "p99_ns";

/// One piece of work whose time is measured. It makes what it needs, loops while the state says so, checks
/// that the work was really done, and says so with SkipWithError() if not: there is no figure then.
struct Case
{
    std::string room; ///< of core/
    std::string name; ///< unique within the room
    std::function<void(benchmark::State &)> work;

    std::string fullName() const { return room + '/' + name; }
};
using Cases = std::vector<Case>;

// One file per room, in the order of the map.
void addHttpCases(Cases &cases);
void addLlmCases(Cases &cases);
void addKeysCases(Cases &cases);
void addProfilingCases(Cases &cases);
void addConfigCases(Cases &cases);
void addMetricsCases(Cases &cases);
void addUpstreamCases(Cases &cases);
void addPipelineCases(Cases &cases);

/// All of them. Needs a QCoreApplication when they run.
Cases allCases();

/// `count` pieces of work on values that each can be used once: `prepare(n)` makes them off the clock,
/// `work()` uses the next. Stopping the clock costs more than a small piece of work, hence the batch.
template<typename Prepare, typename Work>
void inBatches(benchmark::State &state, int count, Prepare prepare, Work work)
{
    while (state.KeepRunningBatch(count)) {
        state.PauseTiming();
        prepare(count);
        state.ResumeTiming();
        for (int number = 0; number < count; ++number)
            work(number);
    }
}

} // namespace weir::micro
