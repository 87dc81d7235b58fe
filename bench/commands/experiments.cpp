// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/experiments.h"
#include "commands/figures.h"

namespace weir::bench {

namespace {

constexpr double MicrosPerSecond = 1e6;
constexpr double NanosPerMicro = 1000;
/// Connections, caches and clocks of the processor, before anything counts.
constexpr double WarmSeconds = 0.2;

const std::vector<std::string> Added{"p50", "p99"};
const std::vector<std::string> AddedToStreams{"first_chunk_p50", "chunk_lag_p50", "chunk_lag_p99"};

void addPercentile(report::ArmResult &arm, const load::Samples &samples, const std::string &name,
                   double share)
{
    const auto nanos = samples.percentile(share);
    addFigure(arm, name, "us", report::Better::Lower,
              nanos ? std::optional(double(*nanos) / NanosPerMicro) : std::nullopt);
}

void addDistribution(report::ArmResult &arm, const load::Samples &samples, const std::string &name)
{
    report::Distribution distribution{name, {}};
    for (const load::Bucket &bucket : samples.distribution())
        distribution.buckets.push_back({bucket.upTo, bucket.count});
    arm.distributions.push_back(std::move(distribution));
}

void addCpu(report::ArmResult &arm, const std::string &name, const subjects::Usage &before,
            const subjects::Usage &after, std::uint64_t count)
{
    const auto seconds = cpuBetween(before, after);
    addFigure(arm, name, "us", report::Better::Lower,
              seconds && count > 0 ? std::optional(*seconds * MicrosPerSecond / double(count))
                                   : std::nullopt);
}

void addMemory(report::ArmResult &arm, const subjects::Usage &usage)
{
    addFigure(arm, "rss", "bytes", report::Better::Lower,
              usage.rssBytes ? std::optional(double(*usage.rssBytes)) : std::nullopt);
}

/// One arm after the other.
template<typename Measure>
base::Result<std::vector<ArmRun>> inTurn(Command &command, std::span<subjects::Subject *const> arms,
                                         const std::string &step, Measure measure)
{
    std::vector<ArmRun> runs;
    for (subjects::Subject *arm : arms) {
        if (command.isStopped())
            break;
        const QString text = QString::fromStdString(step + ", " + arm->name());
        ArmRun run;
        run.result.arm = arm->name();
        if (const auto measured = measure(*arm, command.control(text, {arm}), run); !measured)
            run.result.broken = measured.error().detail;
        runs.push_back(std::move(run));
    }
    return runs;
}

base::Result<void> measureClosed(const ClosedExperiment &experiment, subjects::Subject &arm,
                                 const load::Control &control, ArmRun &run)
{
    const load::Target target = targetFor(arm, experiment.shape);
    load::ClosedLoop plan;
    plan.concurrency = experiment.concurrency;
    plan.timeoutSeconds = experiment.timeoutSeconds;
    plan.warmSeconds = 0; // a run of its own, so that its CPU time is not counted either
    plan.seconds = WarmSeconds;
    if (const auto warmed = load::runClosedLoop(plan, target, control); !warmed)
        return base::Unexpected{warmed.error()};
    plan.seconds = experiment.seconds;
    const subjects::Usage before = arm.usage();
    const auto result = load::runClosedLoop(plan, target, control);
    const subjects::Usage after = arm.usage();
    if (!result)
        return base::Unexpected{result.error()};
    run.failures = result->failures;
    run.isPartial = result->stopped;
    run.result.broken = result->broken;
    addFigure(run.result, "requests_per_second", "1/s", report::Better::Higher, result->perSecond());
    addPercentile(run.result, result->latency, "p50", 0.5);
    addPercentile(run.result, result->latency, "p99", 0.99);
    addCpu(run.result, "cpu_per_request", before, after, result->answered);
    addMemory(run.result, after);
    addDistribution(run.result, result->latency, "latency");
    return {};
}

base::Result<void> measureStreams(const StreamExperiment &experiment, subjects::Subject &arm,
                                  const load::Control &control, ArmRun &run)
{
    RequestShape shape;
    shape.isStream = true;
    shape.promptBytes = experiment.promptBytes;
    shape.model =
        "sim-stamp+chunks-" + std::to_string(experiment.chunks) + "+gap-" + std::to_string(experiment.gapMs);
    load::StreamLoop plan;
    plan.streams = experiment.streams;
    plan.seconds = experiment.seconds;
    plan.timeoutSeconds = experiment.timeoutSeconds;
    plan.chunksPerStream = experiment.chunks;
    const subjects::Usage before = arm.usage();
    const auto result = load::runStreams(plan, targetFor(arm, shape), control);
    const subjects::Usage after = arm.usage();
    if (!result)
        return base::Unexpected{result.error()};
    run.failures = result->failures;
    run.isPartial = result->stopped;
    run.result.broken = result->broken;
    addPercentile(run.result, result->firstChunk, "first_chunk_p50", 0.5);
    addPercentile(run.result, result->chunkLag, "chunk_lag_p50", 0.5);
    addPercentile(run.result, result->chunkLag, "chunk_lag_p99", 0.99);
    addCpu(run.result, "cpu_per_chunk", before, after, result->chunks);
    addDistribution(run.result, result->firstChunk, "first_chunk");
    addDistribution(run.result, result->chunkLag, "chunk_lag");
    return {};
}

} // namespace

Comparison::Run closedLoop(Command &command, const ClosedExperiment &experiment)
{
    return [&command, experiment](std::span<subjects::Subject *const> arms, const std::string &step) {
        auto runs = inTurn(command, arms, step,
                           [&](subjects::Subject &arm, const load::Control &control, ArmRun &run) {
                               return measureClosed(experiment, arm, control, run);
                           });
        if (runs && experiment.concurrency == 1)
            addRunDifferences(*runs, Added);
        return runs;
    };
}

Comparison::Run streamLoop(Command &command, const StreamExperiment &experiment)
{
    return [&command, experiment](std::span<subjects::Subject *const> arms, const std::string &step) {
        auto runs = inTurn(command, arms, step,
                           [&](subjects::Subject &arm, const load::Control &control, ArmRun &run) {
                               return measureStreams(experiment, arm, control, run);
                           });
        if (runs)
            addRunDifferences(*runs, AddedToStreams);
        return runs;
    };
}

Comparison::Run openLoop(Command &command, const OpenExperiment &experiment)
{
    return [&command, experiment](std::span<subjects::Subject *const> arms,
                                  const std::string &step) -> base::Result<std::vector<ArmRun>> {
        std::vector<load::Target> targets;
        for (const subjects::Subject *arm : arms)
            targets.push_back(targetFor(*arm, experiment.shape));
        load::OpenLoop plan;
        plan.rate = {{0, experiment.rate}};
        plan.timeoutSeconds = experiment.timeoutSeconds;
        plan.seconds = WarmSeconds;
        plan.sliceSeconds = WarmSeconds;
        // Nobody is watched but by the load: the others go on without one that dies.
        const auto control = command.control(QString::fromStdString(step), {});
        if (const auto warmed = load::runOpenLoop(plan, targets, control); !warmed)
            return base::Unexpected{warmed.error()};
        plan.seconds = experiment.seconds;
        plan.sliceSeconds = load::OpenLoop().sliceSeconds;
        const auto results = load::runOpenLoop(plan, targets, control);
        if (!results)
            return base::Unexpected{results.error()};
        std::vector<ArmRun> runs;
        for (std::size_t index = 0; index < results->size(); ++index) {
            const load::RequestResult &result = (*results)[index];
            ArmRun &run = runs.emplace_back();
            run.result.arm = arms[index]->name();
            run.result.broken = result.broken;
            run.failures = result.failures;
            run.isPartial = result.stopped;
            addPercentile(run.result, result.latency, "p50", 0.5);
            addPercentile(run.result, result.latency, "p99", 0.99);
            addDistribution(run.result, result.latency, "latency");
        }
        addRunDifferences(runs, Added);
        return runs;
    };
}

} // namespace weir::bench
