// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/memory.h"
#include "commands/experiments.h"
#include "commands/figures.h"
#include "commands/growth.h"
#include <algorithm>
#include <thread>

namespace weir::bench {

namespace {

/// Reading PSS walks through the page tables of the arm: not more often than this …
constexpr double SampleSecondsMin = 0.25;
/// … nor more often than for so many points of a curve.
constexpr double PointsMax = 600;
/// Of the time under load, while caches and pools still fill: not part of the growth.
constexpr double WarmShare = 0.25;
constexpr std::chrono::milliseconds IdlePoll{20};

struct Plan
{
    double seconds = 120;
    double idleSeconds = 10;
    ClosedExperiment load;
};

/// Reads an arm's memory now and then.
class MemoryLog
{
public:
    MemoryLog(const subjects::Subject &subject, double everySeconds)
        : m_subject(subject), m_every(everySeconds)
    {
    }

    double now() const { return load::toSeconds(load::monotonicNow() - m_begin); }
    /// Reads if it is time to.
    void poll()
    {
        if (now() >= m_next)
            read();
    }
    void read()
    {
        const subjects::Usage usage = m_subject.usage();
        const double seconds = now();
        m_next = seconds + m_every;
        if (usage.rssBytes)
            rss.points.emplace_back(seconds, double(*usage.rssBytes));
        if (usage.pssBytes)
            pss.points.emplace_back(seconds, double(*usage.pssBytes));
    }

    report::Series rss{"rss", "bytes", {}};
    report::Series pss{"pss", "bytes", {}};

private:
    const subjects::Subject &m_subject;
    const double m_every;
    const load::Nanos m_begin = load::monotonicNow();
    double m_next = 0;
};

using Points = std::vector<std::pair<double, double>>;

Points between(const report::Series &series, double begin, double end)
{
    Points points;
    std::copy_if(series.points.begin(), series.points.end(), std::back_inserter(points),
                 [=](const auto &point) { return point.first >= begin && point.first <= end; });
    return points;
}

std::optional<double> lastOf(const report::Series &series)
{
    return series.points.empty() ? std::nullopt : std::optional(series.points.back().second);
}

std::optional<double> medianOf(const Points &points)
{
    if (points.empty())
        return std::nullopt;
    std::vector<double> values;
    for (const auto &point : points)
        values.push_back(point.second);
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void addBytes(report::ArmResult &arm, const char *name, report::Better better, std::optional<double> value)
{
    addFigure(arm, name, "bytes", better, value);
}

void idle(Command &command, MemoryLog &log, double seconds)
{
    const double end = log.now() + seconds;
    while (log.now() < end && !command.isStopped()) {
        log.poll();
        std::this_thread::sleep_for(IdlePoll);
    }
    log.read();
}

/// Idle, under load, idle again.
base::Result<ArmRun> observe(Command &command, const Plan &plan, subjects::Subject &subject,
                             const std::string &step)
{
    ArmRun run;
    run.result.arm = subject.name();
    MemoryLog log(subject, std::max(SampleSecondsMin, (plan.seconds + 2 * plan.idleSeconds) / PointsMax));
    idle(command, log, plan.idleSeconds);
    const auto rssBefore = lastOf(log.rss);

    load::ClosedLoop loop;
    loop.concurrency = plan.load.concurrency;
    loop.seconds = plan.seconds;
    loop.timeoutSeconds = plan.load.timeoutSeconds;
    load::Control control = command.control(QString::fromStdString(step + ", " + subject.name()), {&subject});
    control.shouldStop = [&log, ended = control.shouldStop] {
        log.poll();
        return ended();
    };
    const double begin = log.now();
    const auto result = load::runClosedLoop(loop, targetFor(subject, plan.load.shape), control);
    if (!result)
        return base::Unexpected{result.error()};
    const double end = log.now();
    idle(command, log, plan.idleSeconds);

    run.failures = result->failures;
    run.isPartial = result->stopped;
    run.result.broken = result->broken;
    const double warm = begin + (end - begin) * WarmShare;
    const Points underLoad = between(log.rss, warm, end);
    addBytes(run.result, "rss_before", report::Better::Lower, rssBefore);
    addBytes(run.result, "rss_load", report::Better::Lower, medianOf(underLoad));
    addBytes(run.result, "pss_load", report::Better::Lower, medianOf(between(log.pss, warm, end)));
    addBytes(run.result, "rss_after", report::Better::Lower, lastOf(log.rss));
    const auto growth = growthOf(underLoad);
    const auto part = [&growth](double Growth::*member) {
        return growth ? std::optional((*growth).*member) : std::nullopt;
    };
    addBytes(run.result, "growth_per_hour", report::Better::Neither, part(&Growth::perHour));
    addBytes(run.result, "growth_low", report::Better::Neither, part(&Growth::low));
    addBytes(run.result, "growth_high", report::Better::Neither, part(&Growth::high));
    addFigure(run.result, "requests", "", report::Better::Neither, double(result->answered));
    run.result.series = {log.rss, log.pss};
    return run;
}

Comparison::Run observations(Command &command, const Plan &plan)
{
    return [&command, plan](std::span<subjects::Subject *const> arms,
                            const std::string &step) -> base::Result<std::vector<ArmRun>> {
        std::vector<ArmRun> runs;
        for (subjects::Subject *arm : arms) {
            if (command.isStopped())
                break;
            auto run = observe(command, plan, *arm, step);
            if (!run) {
                run = ArmRun();
                run->result.arm = arm->name();
                run->result.broken = brokenBy(*arm, "it cannot be reached any more");
            }
            runs.push_back(std::move(*run));
        }
        return runs;
    };
}

} // namespace

int memory(const QStringList &arguments)
{
    Command command("memory",
                    "Measures memory over time: idle, under load, and idle again, one arm after the other.",
                    {{"seconds", "How long the load lasts.", "SECONDS", "2m", "5"},
                     {"idle", "How long an arm is idle before and after it.", "SECONDS", "10", "1"},
                     {"concurrency", "Requests at a time.", "N", "16"}});
    if (const auto code = command.read(arguments))
        return *code;
    const auto seconds = command.seconds("seconds", 1, 86'400);
    const auto idleSeconds = seconds ? command.seconds("idle", 0.1, 3600) : std::nullopt;
    const auto concurrency = idleSeconds ? command.number("concurrency", 1, 10'000) : std::nullopt;
    if (!concurrency)
        return UsageError;
    Plan plan;
    plan.seconds = *seconds;
    plan.idleSeconds = *idleSeconds;
    plan.load.concurrency = std::size_t(*concurrency);
    plan.load.timeoutSeconds = *command.seconds("timeout", 0.1, 3600);
    plan.load.shape.promptBytes = std::size_t(*command.number("body", 0, 64e6));
    if (const auto code = command.start())
        return *code;

    const Comparison comparison({command.subjects(), [&command] { return command.rig().troubles(); },
                                 [&command] { return command.isStopped(); }, 1});
    report::Section section;
    section.kind = "memory";
    section.title = "Memory, " + std::to_string(plan.load.concurrency) + " requests at a time for " +
                    QString::number(plan.seconds).toStdString() + " s";
    section.parameters = {{"body", std::to_string(plan.load.shape.promptBytes)},
                          {"concurrency", std::to_string(plan.load.concurrency)}};
    section.notes.push_back(
        "RSS counts pages shared with other processes in full, PSS in part. Under load: the "
        "median after the first quarter of the time.");
    section.notes.push_back(
        "Growth per hour with the bounds of 95 % confidence: least squares through the means "
        "of " +
        std::to_string(GrowthStretches) +
        " stretches after the first quarter. It assumes that growth is steady and that the "
        "stretches deviate independently. Under " +
        QString::number(GrowthSecondsMin / (1 - WarmShare)).toStdString() + " s of load nothing is said.");
    const auto measured =
        comparison.measure(command.report(), std::move(section), observations(command, plan));
    const int code = command.finish();
    return measured ? code : command.fail(measured.error());
}

} // namespace weir::bench
