// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/cpu.h"
#include "commands/experiments.h"
#include <algorithm>

namespace weir::bench {

namespace {

/// Of what a closed loop yields, what this command is about, in this order.
const std::vector<std::string> Wanted{"cpu_per_request", "requests_per_second"};

void keepWanted(std::vector<report::Figure> &figures)
{
    std::vector<report::Figure> kept;
    for (const std::string &name : Wanted) {
        const auto found = std::find_if(figures.begin(), figures.end(),
                                        [&name](const report::Figure &each) { return each.name == name; });
        if (found != figures.end())
            kept.push_back(std::move(*found));
    }
    figures = std::move(kept);
}

Comparison::Run processorTime(Command &command, const ClosedExperiment &experiment)
{
    return [run = closedLoop(command, experiment)](std::span<subjects::Subject *const> arms,
                                                   const std::string &step) {
        auto results = run(arms, step);
        if (results) {
            for (ArmRun &result : *results) {
                keepWanted(result.result.figures);
                result.result.distributions.clear();
            }
        }
        return results;
    };
}

} // namespace

int cpu(const QStringList &arguments)
{
    Command command("cpu",
                    "Measures processor time per request, user and system, of all processes of an arm.",
                    {{"bodies", "Bytes of prompt, separated by commas (instead of --body).", "LIST",
                      "200,2000,20000,200000", "200,20000"},
                     {"concurrency", "Requests at a time, separated by commas.", "LIST", "1,16,64", "16"},
                     {"seconds", "How long each run of an arm lasts.", "SECONDS", "2", "0.5"},
                     {"runs", "Runs of each arm, by turns; their median is told.", "N", "3", "1"}});
    if (const auto code = command.read(arguments))
        return *code;
    const auto bodies = command.numbers("bodies", 0, 64e6);
    const auto concurrencies = bodies ? command.numbers("concurrency", 1, 10'000) : std::nullopt;
    const auto seconds = concurrencies ? command.seconds("seconds", 0.1, 3600) : std::nullopt;
    const auto runs = seconds ? command.number("runs", 1, 100) : std::nullopt;
    if (!runs)
        return UsageError;
    if (const auto code = command.start())
        return *code;

    const Comparison comparison({command.subjects(), [&command] { return command.rig().troubles(); },
                                 [&command] { return command.isStopped(); }, int(*runs)});
    base::Result<void> measured;
    for (const std::size_t body : *bodies) {
        for (const std::size_t concurrency : *concurrencies) {
            if (!measured)
                break;
            ClosedExperiment experiment;
            experiment.concurrency = concurrency;
            experiment.seconds = *seconds;
            experiment.timeoutSeconds = *command.seconds("timeout", 0.1, 3600);
            experiment.shape.promptBytes = body;
            report::Section section;
            section.kind = "cpu";
            section.title = "Processor time, bodies of " + std::to_string(body) + " bytes, " +
                            std::to_string(concurrency) + " at a time";
            section.parameters = {{"body", std::to_string(body)},
                                  {"concurrency", std::to_string(concurrency)}};
            measured =
                comparison.measure(command.report(), std::move(section), processorTime(command, experiment));
        }
    }
    const int code = command.finish();
    return measured ? code : command.fail(measured.error());
}

} // namespace weir::bench
