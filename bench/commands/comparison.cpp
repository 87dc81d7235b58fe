// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/comparison.h"
#include "commands/figures.h"
#include <algorithm>
#include <map>

namespace weir::bench {

namespace {

const report::Figure *find(const ArmRun &run, const std::string &name)
{
    const auto &figures = run.result.figures;
    const auto found = std::find_if(figures.begin(), figures.end(),
                                    [&name](const report::Figure &each) { return each.name == name; });
    return found == figures.end() ? nullptr : &*found;
}

/// A figure that is absent in one run is absent: a median of the others would be another number.
void addMedians(report::ArmResult &arm, std::span<const ArmRun> runs)
{
    if (runs.empty())
        return;
    for (const report::Figure &figure : runs.front().result.figures) {
        std::vector<double> values;
        for (const ArmRun &run : runs) {
            const report::Figure *same = find(run, figure.name);
            if (same && same->value)
                values.push_back(*same->value);
        }
        if (values.size() == runs.size())
            addMedian(arm, figure.name, figure.unit, figure.better, std::move(values));
        else
            addFigure(arm, figure.name, figure.unit, figure.better, std::nullopt);
    }
}

/// Those of all runs, bucket by bucket.
void addDistributions(report::ArmResult &arm, std::span<const ArmRun> runs)
{
    std::vector<std::string> order;
    std::map<std::string, std::map<std::int64_t, std::uint64_t>> counts;
    for (const ArmRun &run : runs) {
        for (const report::Distribution &each : run.result.distributions) {
            if (!counts.contains(each.name))
                order.push_back(each.name);
            for (const report::Bucket &bucket : each.buckets)
                counts[each.name][bucket.upToNs] += bucket.count;
        }
    }
    for (const std::string &name : order) {
        report::Distribution distribution{name, {}};
        for (const auto &[upToNs, count] : counts[name])
            distribution.buckets.push_back({upToNs, count});
        arm.distributions.push_back(std::move(distribution));
    }
}

} // namespace

struct Comparison::Arm
{
    subjects::Subject *subject = nullptr;
    std::vector<ArmRun> runs;
    load::Failures failures;
    std::string broken;
};

void addRunDifferences(std::span<ArmRun> runs, std::span<const std::string> figures)
{
    if (runs.empty() || runs.front().result.arm != "direct")
        return;
    for (ArmRun &run : runs.subspan(1)) {
        for (const std::string &name : figures) {
            const report::Figure *with = find(run, name);
            const report::Figure *without = find(runs.front(), name);
            if (!with || !without)
                continue;
            std::optional<double> added;
            if (with->value && without->value)
                added = *with->value - *without->value;
            addFigure(run.result, "added_" + name, std::string(with->unit), report::Better::Lower, added);
        }
    }
}

base::Result<void> Comparison::runOnce(std::vector<Arm> &arms, const std::string &step, const Run &run) const
{
    std::vector<Arm *> living;
    std::vector<subjects::Subject *> subjects;
    for (Arm &arm : arms) {
        if (arm.broken.empty())
            arm.broken = arm.subject->troubles();
        if (!arm.broken.empty())
            continue;
        living.push_back(&arm);
        subjects.push_back(arm.subject);
    }
    if (living.empty())
        return {};
    auto results = run(subjects, step);
    for (Arm *arm : living)
        arm->broken = arm->subject->troubles();
    if (const std::string troubles = m_with.upstreamTroubles(); !troubles.empty())
        return base::unexpected(base::Errc::Internal, troubles);
    if (!results) {
        const bool isExplained =
            std::any_of(living.begin(), living.end(), [](const Arm *arm) { return !arm->broken.empty(); });
        // The others' turn comes with the next run.
        return isExplained || m_with.isStopped() ? base::Result<void>() : base::Unexpected{results.error()};
    }
    for (std::size_t index = 0; index < results->size(); ++index) {
        ArmRun &result = (*results)[index];
        Arm &arm = *living[index];
        for (const auto &[kind, count] : result.failures.kinds)
            arm.failures.kinds[kind] += count;
        arm.failures.count += result.failures.count;
        // What became of the process says more than what its callers saw of that.
        if (arm.broken.empty())
            arm.broken = result.result.broken;
        // A part of a run is better than nothing, but nothing to put beside a whole one.
        if (!result.isPartial || arm.runs.empty())
            arm.runs.push_back(std::move(result));
    }
    return {};
}

base::Result<void> Comparison::measure(report::Report &report, report::Section section, const Run &run) const
{
    std::vector<Arm> arms;
    for (subjects::Subject *subject : m_with.arms)
        arms.push_back({subject, {}, {}, {}});
    base::Result<void> outcome;
    for (int count = 1; count <= m_with.runs && outcome && !m_with.isStopped(); ++count) {
        const std::string which =
            m_with.runs > 1 ? ", run " + std::to_string(count) + " of " + std::to_string(m_with.runs) : "";
        outcome = runOnce(arms, section.title + which, run);
    }
    for (Arm &arm : arms) {
        if (arm.runs.empty() && arm.broken.empty())
            continue; // stopped before its turn
        report::ArmResult result;
        result.arm = arm.subject->name();
        result.broken = arm.broken;
        if (arm.broken.empty()) {
            addMedians(result, arm.runs);
            addDistributions(result, arm.runs);
            result.series = arm.runs.back().result.series;
        }
        addFailures(section, result, arm.failures);
        section.arms.push_back(std::move(result));
    }
    if (!section.arms.empty())
        report.sections.push_back(std::move(section));
    return outcome;
}

} // namespace weir::bench
