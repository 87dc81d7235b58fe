// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/diff.h"
#include "report/numbers.h"
#include "report/ratios.h"
#include <algorithm>
#include <cmath>

namespace weir::report {

namespace {

/// Pairs the elements of two lists that `isSame` says belong together, each once, in the order of `after`.
template<typename T, typename IsSame, typename Both, typename Before, typename After>
void match(const std::vector<T> &before, const std::vector<T> &after, const IsSame &isSame, const Both &both,
           const Before &onlyBefore, const After &onlyAfter)
{
    std::vector<bool> isTaken(before.size());
    for (const T &now : after) {
        std::size_t index = 0;
        while (index < before.size() && (isTaken[index] || !isSame(before[index], now)))
            ++index;
        if (index == before.size()) {
            onlyAfter(now);
            continue;
        }
        isTaken[index] = true;
        both(before[index], now);
    }
    for (std::size_t index = 0; index < before.size(); ++index) {
        if (!isTaken[index])
            onlyBefore(before[index]);
    }
}

std::optional<double> noiseOf(const Figure &figure)
{
    if (figure.runs.size() < Diff::NoiseRunsMin)
        return std::nullopt;
    const auto [low, high] = std::minmax_element(figure.runs.begin(), figure.runs.end());
    return std::max({*high - *figure.value, *figure.value - *low, 0.0});
}

Change::Verdict verdictOf(const Change &change, Better better)
{
    const double moved = std::abs(change.after - change.before);
    const double scale = std::max(std::abs(change.before), std::abs(change.after));
    if (!change.noiseBefore || !change.noiseAfter)
        return moved > 0 && moved >= Diff::UnknownShareLeast * scale ? Change::Verdict::NoiseUnknown
                                                                     : Change::Verdict::WithinNoise;
    if (!(moved > *change.noiseBefore + *change.noiseAfter) || moved < Diff::MovedShareLeast * scale)
        return Change::Verdict::WithinNoise;
    if (better == Better::Neither)
        return Change::Verdict::Moved;
    return (change.after > change.before) == (better == Better::Higher) ? Change::Verdict::Better
                                                                        : Change::Verdict::Worse;
}

class Comparison
{
public:
    explicit Comparison(Diff &diff) : m_diff(diff) {}

    void compareSections(const Report &before, const Report &after)
    {
        match(
            before.sections, after.sections,
            [](const Section &a, const Section &b) {
                return a.kind == b.kind && a.parameters == b.parameters;
            },
            [this](const Section &a, const Section &b) {
                m_place = placeOf(b);
                compareArms(a, b);
            },
            [this](const Section &section) { addAll(section, m_diff.onlyBefore); },
            [this](const Section &section) { addAll(section, m_diff.onlyAfter); });
    }

private:
    static std::string placeOf(const Section &section)
    {
        return section.title.empty() ? section.kind + " " + parametersText(section) : section.title;
    }

    static void addAll(const Section &section, std::vector<std::string> &list)
    {
        for (const ArmResult &arm : section.arms)
            list.push_back(placeOf(section) + " · " + arm.arm);
        if (section.arms.empty())
            list.push_back(placeOf(section));
    }

    void compareArms(const Section &before, const Section &after)
    {
        match(
            before.arms, after.arms, [](const ArmResult &a, const ArmResult &b) { return a.arm == b.arm; },
            [this](const ArmResult &a, const ArmResult &b) { compareArm(a, b); },
            [this](const ArmResult &arm) { m_diff.onlyBefore.push_back(m_place + " · " + arm.arm); },
            [this](const ArmResult &arm) { m_diff.onlyAfter.push_back(m_place + " · " + arm.arm); });
    }

    void compareArm(const ArmResult &before, const ArmResult &after)
    {
        const std::string arm = m_place + " · " + after.arm;
        if (!before.broken.empty())
            m_diff.troubles.push_back(arm + ": broken before: " + before.broken);
        if (!after.broken.empty())
            m_diff.troubles.push_back(arm + ": broken now: " + after.broken);
        if (!before.broken.empty() || !after.broken.empty())
            return;
        if (before.failures != after.failures)
            m_diff.troubles.push_back(arm + ": " + std::to_string(before.failures) +
                                      " requests failed before, " + std::to_string(after.failures) + " now");
        match(
            before.figures, after.figures,
            [](const Figure &a, const Figure &b) {
                return a.name == b.name && a.unit == b.unit && a.value && b.value;
            },
            [&](const Figure &a, const Figure &b) { addChange(a, b, after.arm); },
            [&](const Figure &figure) {
                if (figure.value)
                    m_diff.onlyBefore.push_back(arm + " · " + labelOf(figure.name));
            },
            [&](const Figure &figure) {
                if (figure.value)
                    m_diff.onlyAfter.push_back(arm + " · " + labelOf(figure.name));
            });
    }

    void addChange(const Figure &before, const Figure &after, const std::string &arm)
    {
        Change change;
        change.section = m_place;
        change.arm = arm;
        change.figure = after.name;
        change.unit = after.unit;
        change.before = *before.value;
        change.after = *after.value;
        change.noiseBefore = noiseOf(before);
        change.noiseAfter = noiseOf(after);
        change.verdict = verdictOf(change, after.better);
        m_diff.changes.push_back(std::move(change));
    }

    Diff &m_diff;
    std::string m_place;
};

/// Of the same machine it differs by what the kernel keeps for itself.
std::string memoryText(const Report &report)
{
    return withUnit(std::round(double(report.memoryBytes) / 1e8) * 1e8, "bytes");
}

} // namespace

double Change::share() const
{
    return before != 0 ? (after - before) / std::abs(before) : 0;
}

Diff compare(const Report &before, const Report &after)
{
    Diff diff;
    diff.subjects = {{"date", before.date, after.date},
                     {"version", before.version, after.version},
                     {"commit", before.commit, after.commit}};
    const auto ground = [&diff](const char *name, const std::string &was, const std::string &is) {
        if (was != is)
            diff.differentGround.push_back({name, was, is});
    };
    ground("processor", before.cpu, after.cpu);
    ground("threads", std::to_string(before.threads), std::to_string(after.threads));
    ground("memory", memoryText(before), memoryText(after));
    ground("system", before.os, after.os);
    ground("kernel", before.kernel, after.kernel);
    ground("build", before.buildType, after.buildType);
    ground("compiler", before.compiler, after.compiler);
    ground("command", before.command, after.command);
    match(
        before.peers, after.peers, [](const auto &a, const auto &b) { return a.first == b.first; },
        [&](const auto &a, const auto &b) { ground(b.first.c_str(), a.second, b.second); },
        [](const auto &) {}, [](const auto &) {});
    for (const auto &[report, when] : {std::pair{&before, "before"}, {&after, "now"}}) {
        if (report->interrupted)
            diff.troubles.push_back(std::string("the run was interrupted ") + when);
    }
    Comparison(diff).compareSections(before, after);
    return diff;
}

} // namespace weir::report
