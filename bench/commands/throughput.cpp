// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/throughput.h"
#include "commands/command.h"
#include "commands/figures.h"
#include "commands/request.h"
#include <map>

namespace weir::bench {

namespace {

constexpr double MicrosPerSecond = 1e6;

/// What the runs of one arm at one concurrency yielded.
struct ArmRuns
{
    load::Samples latency;
    load::Failures failures;
    load::GeneratorCost cost; ///< of the run in which it was greatest
    std::vector<double> perSecond;
    std::vector<double> cpuPerRequest; ///< us
    std::vector<double> coresUsed;
    std::string broken;
};

void addRun(ArmRuns &runs, subjects::Subject &subject, const load::RequestResult &result,
            std::optional<double> cpuSeconds, double wallSeconds)
{
    runs.latency.add(result.latency);
    runs.failures.count += result.failures.count;
    for (const auto &[kind, count] : result.failures.kinds)
        runs.failures.kinds[kind] += count;
    runs.broken = brokenBy(subject, result.broken);
    // A run that was ended early is too short to be told.
    if (result.stopped || result.ended == 0)
        return;
    runs.perSecond.push_back(result.perSecond());
    if (result.cost.share() > runs.cost.share())
        runs.cost = result.cost;
    if (!cpuSeconds)
        return;
    runs.cpuPerRequest.push_back(*cpuSeconds * MicrosPerSecond / double(result.answered));
    runs.coresUsed.push_back(*cpuSeconds / wallSeconds);
}

report::ArmResult describe(const std::string &name, ArmRuns &runs, std::size_t concurrency,
                           std::map<std::string, double> &perSecondAlone)
{
    report::ArmResult arm;
    arm.arm = name;
    arm.broken = runs.broken;
    if (!arm.broken.empty() || runs.perSecond.empty())
        return arm;
    runs.latency.finish();
    addMedian(arm, "requests_per_second", "1/s", report::Better::Higher, runs.perSecond);
    const std::optional<double> perSecond = arm.figures.back().value;
    if (concurrency == 1)
        perSecondAlone[name] = *perSecond;
    addMedian(arm, "cpu_per_request", "us", report::Better::Lower, runs.cpuPerRequest);
    const std::optional<double> cpu = arm.figures.back().value;
    addFigure(arm, "requests_per_cpu_second", "1/s", report::Better::Higher,
              cpu && *cpu > 0 ? std::optional(MicrosPerSecond / *cpu) : std::nullopt);
    addMedian(arm, "cores_used", "", report::Better::Neither, runs.coresUsed);
    if (const auto alone = perSecondAlone.find(name); alone != perSecondAlone.end())
        addFigure(arm, "scaling_efficiency", "%", report::Better::Neither,
                  100 * *perSecond / (double(concurrency) * alone->second));
    addPercentiles(arm, runs.latency, "", "latency");
    return arm;
}

} // namespace

int throughput(const QStringList &arguments)
{
    Command command(
        "throughput",
        "Measures requests per second with a fixed number always in flight, direct and through Weir.",
        {{"concurrency", "How many at a time, separated by commas.", "LIST", "1,10,50,100,500,1000",
          "1,10,100"},
         {"seconds", "How long each run lasts.", "SECONDS", "2", "0.5"},
         {"runs", "Runs of each arm, by turns; their median is told.", "N", "3", "1"}});
    if (const auto code = command.read(arguments))
        return *code;
    const auto concurrencies = command.numbers("concurrency", 1, 10'000);
    const auto seconds = command.seconds("seconds", 0.1, 3600);
    const auto rounds = command.number("runs", 1, 100);
    if (!concurrencies || !seconds || !rounds)
        return UsageError;
    RequestShape shape;
    shape.promptBytes = std::size_t(*command.number("body", 0, 64e6));
    if (const auto code = command.start())
        return *code;

    const auto subjects = command.subjects();
    std::map<std::string, double> perSecondAlone;
    for (const std::size_t concurrency : *concurrencies) {
        if (command.isStopped())
            break;
        load::ClosedLoop plan;
        plan.concurrency = concurrency;
        plan.seconds = *seconds;
        plan.timeoutSeconds = *command.seconds("timeout", 0.1, 3600);
        std::vector<ArmRuns> runs(subjects.size());
        for (int round = 0; round < int(*rounds); ++round) {
            for (std::size_t index = 0; index < subjects.size() && !command.isStopped(); ++index) {
                subjects::Subject &subject = *subjects[index];
                if (!runs[index].broken.empty())
                    continue;
                const QString step = QStringLiteral("%1 at a time, round %2, %3")
                                         .arg(concurrency)
                                         .arg(round + 1)
                                         .arg(QString::fromStdString(subject.name()));
                const subjects::Usage before = subject.usage();
                const load::Nanos begin = load::monotonicNow();
                const auto result =
                    load::runClosedLoop(plan, targetFor(subject, shape), command.control(step, {&subject}));
                const double wall = load::toSeconds(load::monotonicNow() - begin);
                if (result)
                    addRun(runs[index], subject, *result, cpuBetween(before, subject.usage()), wall);
                else
                    runs[index].broken = brokenBy(subject, result.error().detail);
            }
        }
        report::Section section;
        section.kind = "throughput";
        section.title = "Throughput, " + std::to_string(concurrency) + " at a time";
        section.parameters = {{"body", std::to_string(shape.promptBytes)},
                              {"concurrency", std::to_string(concurrency)}};
        for (std::size_t index = 0; index < subjects.size(); ++index) {
            report::ArmResult arm =
                describe(subjects[index]->name(), runs[index], concurrency, perSecondAlone);
            addFailures(section, arm, runs[index].failures);
            section.arms.push_back(std::move(arm));
        }
        section.notes.push_back(noteOf(subjects.front()->name(), runs.front().cost));
        command.report().sections.push_back(std::move(section));
    }
    return command.finish();
}

} // namespace weir::bench
