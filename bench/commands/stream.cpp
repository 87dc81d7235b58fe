// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/stream.h"
#include "commands/command.h"
#include "commands/figures.h"
#include "commands/request.h"
#include <algorithm>
#include <array>

namespace weir::bench {

namespace {

constexpr double MicrosPerSecond = 1e6;
/// Content events of one stream: with a gap it lasts about a second, without one long enough to be a stream.
constexpr std::size_t ChunksAtPace = 200;
constexpr std::size_t ChunksAtOnce = 1000;
/// Of plain requests before the streams, for the connections on both sides of a proxy.
constexpr double WarmSeconds = 0.2;
/// Streams are few: of their beginnings no more is known.
constexpr std::array FirstChunkPercentiles{Percentile{"p50", 0.5}, Percentile{"p99", 0.99},
                                           Percentile{"max", 1.0}};

struct Case
{
    std::size_t streams = 1;
    std::size_t gapMs = 0;

    /// Of one stream; none lasts much longer than a second.
    std::size_t chunks() const
    {
        return gapMs == 0 ? ChunksAtOnce : std::clamp<std::size_t>(1000 / gapMs, 1, ChunksAtPace);
    }
};

/// What the runs of one arm in one case yielded.
struct ArmRuns
{
    load::Samples firstChunk;
    load::Samples chunkLag;
    load::Failures failures;
    load::GeneratorCost cost; ///< of the run in which it was greatest
    std::vector<double> chunksPerSecond;
    std::vector<double> cpuPerChunk; ///< us
    std::uint64_t streams = 0;
    std::string broken;
};

void addRun(ArmRuns &runs, subjects::Subject &subject, const load::StreamResult &result,
            std::optional<double> cpuSeconds)
{
    runs.firstChunk.add(result.firstChunk);
    runs.chunkLag.add(result.chunkLag);
    runs.failures.count += result.failures.count;
    for (const auto &[kind, count] : result.failures.kinds)
        runs.failures.kinds[kind] += count;
    runs.streams += result.completed;
    runs.broken = brokenBy(subject, result.broken);
    if (result.stopped || result.chunks == 0)
        return;
    runs.chunksPerSecond.push_back(result.chunksPerSecond());
    if (result.cost.share() > runs.cost.share())
        runs.cost = result.cost;
    if (cpuSeconds)
        runs.cpuPerChunk.push_back(*cpuSeconds * MicrosPerSecond / double(result.chunks));
}

report::ArmResult describe(const std::string &name, ArmRuns &runs)
{
    report::ArmResult arm;
    arm.arm = name;
    arm.broken = runs.broken;
    if (!arm.broken.empty())
        return arm;
    runs.firstChunk.finish();
    runs.chunkLag.finish();
    addPercentiles(arm, runs.firstChunk, "first_chunk_", "first_chunk", FirstChunkPercentiles);
    addPercentiles(arm, runs.chunkLag, "chunk_lag_", "chunk_lag");
    addMedian(arm, "chunks_per_second", "1/s", report::Better::Higher, runs.chunksPerSecond);
    addMedian(arm, "cpu_per_chunk", "us", report::Better::Lower, runs.cpuPerChunk);
    addFigure(arm, "streams", "", report::Better::Neither, double(runs.streams));
    return arm;
}

/// What goes wrong here goes wrong again where it counts.
void warmUp(Command &command, subjects::Subject &subject, std::size_t concurrency)
{
    load::ClosedLoop plan;
    plan.concurrency = concurrency;
    plan.warmSeconds = 0;
    plan.seconds = WarmSeconds;
    const auto control = command.control(QStringLiteral("warming up"), {&subject});
    [[maybe_unused]] const auto warmed = load::runClosedLoop(plan, targetFor(subject, {}), control);
}

/// All arms by turns; a whole section of the report.
report::Section measure(Command &command, const Case &which, const load::StreamLoop &plan, int rounds,
                        const RequestShape &shape)
{
    const auto subjects = command.subjects();
    std::vector<ArmRuns> runs(subjects.size());
    for (subjects::Subject *subject : subjects)
        warmUp(command, *subject, which.streams);
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t index = 0; index < subjects.size() && !command.isStopped(); ++index) {
            subjects::Subject &subject = *subjects[index];
            if (!runs[index].broken.empty())
                continue;
            const QString step = QStringLiteral("%1 streams, gap %2 ms, round %3, %4")
                                     .arg(which.streams)
                                     .arg(which.gapMs)
                                     .arg(round + 1)
                                     .arg(QString::fromStdString(subject.name()));
            const subjects::Usage before = subject.usage();
            const auto result =
                load::runStreams(plan, targetFor(subject, shape), command.control(step, {&subject}));
            if (result)
                addRun(runs[index], subject, *result, cpuBetween(before, subject.usage()));
            else
                runs[index].broken = brokenBy(subject, result.error().detail);
        }
    }
    report::Section section;
    section.kind = "stream";
    section.title =
        std::to_string(which.streams) + (which.streams == 1 ? " stream, " : " streams, ") +
        (which.gapMs == 0 ? "as fast as possible" : "a chunk every " + std::to_string(which.gapMs) + " ms");
    section.parameters = {{"streams", std::to_string(which.streams)},
                          {"gap_ms", std::to_string(which.gapMs)},
                          {"chunks", std::to_string(which.chunks())}};
    for (std::size_t index = 0; index < subjects.size(); ++index) {
        report::ArmResult arm = describe(subjects[index]->name(), runs[index]);
        addFailures(section, arm, runs[index].failures);
        section.arms.push_back(std::move(arm));
    }
    addDifferences(section, {"first_chunk_p50", "first_chunk_p99", "chunk_lag_p50", "chunk_lag_p99"});
    section.notes.push_back("Lag: one way, from the provider's handing a chunk to its socket to the chunk's "
                            "last byte here.");
    section.notes.push_back(noteOf(subjects.front()->name(), runs.front().cost));
    return section;
}

} // namespace

int stream(const QStringList &arguments)
{
    Command command("stream",
                    "Measures event streams: the time to the first chunk, and the one-way lag of each chunk.",
                    {{"streams", "How many at a time, separated by commas.", "LIST", "1,50,100", "1,50"},
                     {"gap", "Milliseconds between two chunks of a stream, separated by commas; 0 = none.",
                      "LIST", "5,0"},
                     {"seconds", "How long each run lasts.", "SECONDS", "3", "1"},
                     {"runs", "Runs of each arm, by turns.", "N", "2", "1"}});
    if (const auto code = command.read(arguments))
        return *code;
    const auto counts = command.numbers("streams", 1, 10'000);
    const auto gaps = command.numbers("gap", 0, 10'000);
    const auto seconds = command.seconds("seconds", 0.1, 3600);
    const auto rounds = command.number("runs", 1, 100);
    if (!counts || !gaps || !seconds || !rounds)
        return UsageError;
    if (const auto code = command.start())
        return *code;
    for (const std::size_t gapMs : *gaps) {
        for (const std::size_t streams : *counts) {
            if (command.isStopped())
                break;
            const Case which{streams, gapMs};
            load::StreamLoop plan;
            plan.streams = streams;
            plan.seconds = *seconds;
            plan.timeoutSeconds = *command.seconds("timeout", 0.1, 3600);
            plan.chunksPerStream = which.chunks();
            RequestShape shape;
            shape.promptBytes = std::size_t(*command.number("body", 0, 64e6));
            shape.isStream = true;
            shape.model =
                "sim-stamp+chunks-" + std::to_string(which.chunks()) + "+gap-" + std::to_string(gapMs);
            command.report().sections.push_back(measure(command, which, plan, int(*rounds), shape));
        }
    }
    return command.finish();
}

} // namespace weir::bench
