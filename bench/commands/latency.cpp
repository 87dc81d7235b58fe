// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/latency.h"
#include "commands/command.h"
#include "commands/figures.h"
#include "commands/request.h"

namespace weir::bench {

namespace {

constexpr double WarmSeconds = 1; ///< connections, caches and clocks of the processor
const std::vector<std::string> Compared{"p50", "p95", "p99", "p99.9"}; // two maxima differ by chance

report::Section describe(const load::OpenLoop &plan, double rate, double body,
                         const std::vector<subjects::Subject *> &subjects,
                         const std::vector<load::RequestResult> &results)
{
    report::Section section;
    section.kind = "latency";
    const std::string rateText = QString::number(rate).toStdString();
    section.title = "Latency at " + rateText + " requests per second";
    section.parameters = {{"rate", rateText}, {"body", QString::number(body).toStdString()}};
    for (std::size_t index = 0; index < subjects.size(); ++index) {
        const load::RequestResult &result = results[index];
        report::ArmResult arm;
        arm.arm = subjects[index]->name();
        addFailures(section, arm, result.failures);
        arm.broken = brokenBy(*subjects[index], result.broken);
        if (arm.broken.empty()) {
            addPercentiles(arm, result.latency, "", "latency");
            addFigure(arm, "samples", "", report::Better::Neither, double(result.latency.count()));
        }
        section.arms.push_back(std::move(arm));
    }
    addDifferences(section, Compared);
    section.notes.push_back("Open loop: latency counts from the intended time of each request, in turns of " +
                            QString::number(plan.sliceSeconds).toStdString() + " s.");
    if (const auto late = results.front().lateness.percentile(0.5))
        section.notes.push_back("The generator itself sent " + std::to_string(*late / 1000) +
                                " µs after the intended time (median), which is part of every arm.");
    return section;
}

} // namespace

int latency(const QStringList &arguments)
{
    Command command("latency",
                    "Measures what Weir adds to a request: open loop, direct and through Weir by turns.",
                    {{"rate", "Requests per second.", "N", "200"},
                     {"seconds", "How long each arm is measured.", "SECONDS", "10", "5"}});
    if (const auto code = command.read(arguments))
        return *code;
    const auto rate = command.number("rate", 0.1, 1e6);
    const auto seconds = command.seconds("seconds", 0.5, 86'400);
    if (!rate || !seconds)
        return UsageError;
    load::OpenLoop plan;
    plan.rate = {{0, *rate}};
    plan.seconds = *seconds;
    plan.timeoutSeconds = *command.seconds("timeout", 0.1, 3600);
    const double body = *command.number("body", 0, 64e6);
    if (const auto code = command.start())
        return *code;

    RequestShape shape;
    shape.promptBytes = std::size_t(body);
    std::vector<load::Target> targets;
    for (const subjects::Subject *subject : command.subjects())
        targets.push_back(targetFor(*subject, shape));
    load::OpenLoop warm = plan;
    warm.seconds = WarmSeconds;
    // Each arm is watched by the load itself: the others go on without one that dies.
    const auto warmed = load::runOpenLoop(warm, targets, command.control(QStringLiteral("warming up"), {}));
    if (!warmed)
        return command.fail(warmed.error());
    if (!command.isStopped()) {
        const auto results = load::runOpenLoop(plan, targets, command.control(QStringLiteral("latency"), {}));
        if (!results)
            return command.fail(results.error());
        command.report().sections.push_back(describe(plan, *rate, body, command.subjects(), *results));
    }
    return command.finish();
}

} // namespace weir::bench
