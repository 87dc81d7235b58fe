// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/figures.h"
#include <algorithm>
#include <cmath>

namespace weir::bench {

namespace {

constexpr double NanosPerMicro = 1000;

const report::Figure *find(const report::ArmResult &arm, const std::string &name)
{
    const auto found = std::find_if(arm.figures.begin(), arm.figures.end(),
                                    [&name](const report::Figure &figure) { return figure.name == name; });
    return found == arm.figures.end() ? nullptr : &*found;
}

} // namespace

void addFigure(report::ArmResult &arm, const std::string &name, const std::string &unit,
               report::Better better, std::optional<double> value)
{
    arm.figures.push_back({name, unit, better, value, {}});
}

void addMedian(report::ArmResult &arm, const std::string &name, const std::string &unit,
               report::Better better, std::vector<double> runs)
{
    std::optional<double> median;
    if (!runs.empty()) {
        std::vector<double> sorted = runs;
        std::sort(sorted.begin(), sorted.end());
        const std::size_t half = sorted.size() / 2;
        median = sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
    if (runs.size() < 2)
        runs.clear();
    arm.figures.push_back({name, unit, better, median, std::move(runs)});
}

void addPercentiles(report::ArmResult &arm, const load::Samples &samples, const std::string &prefix,
                    const std::string &name, std::span<const Percentile> percentiles)
{
    for (const auto &[label, share] : percentiles) {
        const auto nanos = samples.percentile(share);
        addFigure(arm, prefix + label, "us", report::Better::Lower,
                  nanos ? std::optional(double(*nanos) / NanosPerMicro) : std::nullopt);
    }
    report::Distribution distribution;
    distribution.name = name;
    for (const load::Bucket &bucket : samples.distribution())
        distribution.buckets.push_back({bucket.upTo, bucket.count});
    arm.distributions.push_back(std::move(distribution));
}

void addDifferences(report::Section &section, const std::vector<std::string> &names)
{
    const auto direct = std::find_if(section.arms.begin(), section.arms.end(),
                                     [](const report::ArmResult &arm) { return arm.arm == "direct"; });
    if (direct == section.arms.end() || !direct->broken.empty())
        return;
    for (report::ArmResult &arm : section.arms) {
        if (arm.arm == "direct" || !arm.broken.empty())
            continue;
        for (const std::string &name : names) {
            const report::Figure *mine = find(arm, name);
            const report::Figure *its = find(*direct, name);
            if (!mine || !its)
                continue;
            const bool isKnown = mine->value && its->value;
            addFigure(arm, "added_" + name, mine->unit, report::Better::Lower,
                      isKnown ? std::optional(*mine->value - *its->value) : std::nullopt);
        }
    }
}

void addFailures(report::Section &section, report::ArmResult &arm, const load::Failures &failures)
{
    arm.failures += failures.count;
    if (failures.count == 0)
        return;
    std::string kinds;
    for (const auto &[kind, count] : failures.kinds)
        kinds += (kinds.empty() ? "" : ", ") + std::to_string(count) + " × " + kind;
    section.notes.push_back("Failures of " + arm.arm + ": " + kinds + ".");
}

std::string noteOf(const std::string &arm, const load::GeneratorCost &cost)
{
    return "For " + arm + " the generator used " + std::to_string(std::lround(cost.share() * 100)) +
           " % of a core; near 100 % it would be what limits the figures.";
}

std::optional<double> cpuBetween(const subjects::Usage &before, const subjects::Usage &after)
{
    if (!before.cpuSeconds || !after.cpuSeconds)
        return std::nullopt;
    return *after.cpuSeconds - *before.cpuSeconds;
}

std::string brokenBy(subjects::Subject &subject, const std::string &seenByLoad)
{
    // The process's end says more than what the load saw of it.
    const std::string trouble = subject.troubles();
    return trouble.empty() ? seenByLoad : trouble;
}

} // namespace weir::bench
