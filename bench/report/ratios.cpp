// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/ratios.h"
#include <algorithm>

namespace weir::report {

const ArmResult *findArm(const Section &section, std::string_view arm)
{
    const auto found = std::find_if(section.arms.begin(), section.arms.end(),
                                    [arm](const ArmResult &result) { return result.arm == arm; });
    return found == section.arms.end() ? nullptr : &*found;
}

const Figure *findFigure(const ArmResult &arm, std::string_view figure)
{
    const auto found = std::find_if(arm.figures.begin(), arm.figures.end(),
                                    [figure](const Figure &candidate) { return candidate.name == figure; });
    return found == arm.figures.end() ? nullptr : &*found;
}

std::optional<double> valueOf(const ArmResult &arm, std::string_view figure)
{
    const Figure *const found = findFigure(arm, figure);
    return found ? found->value : std::nullopt;
}

std::vector<Column> columnsOf(const Section &section)
{
    std::vector<Column> columns;
    for (const ArmResult &arm : section.arms) {
        for (const Figure &figure : arm.figures) {
            const bool isKnown = std::any_of(columns.begin(), columns.end(), [&figure](const Column &column) {
                return column.figure == figure.name;
            });
            if (!isKnown)
                columns.push_back({figure.name, figure.unit, figure.better});
        }
    }
    return columns;
}

std::vector<const ArmResult *> referencesOf(const Section &section)
{
    const auto isUsable = [](const ArmResult &arm) { return arm.broken.empty() && !arm.figures.empty(); };
    std::vector<const ArmResult *> references;
    for (const std::string_view name : {"nginx", "direct", "qjsondocument"}) {
        const ArmResult *const arm = findArm(section, name);
        if (arm && isUsable(*arm))
            references.push_back(arm);
    }
    return references;
}

std::vector<const ArmResult *> comparedWith(const Section &section, const ArmResult &reference)
{
    std::vector<const ArmResult *> arms;
    for (const ArmResult &arm : section.arms) {
        if (arm.broken.empty() && !arm.figures.empty() && arm.arm != reference.arm && arm.arm != "direct")
            arms.push_back(&arm);
    }
    return arms;
}

namespace {

/// What processes use. That of "direct" is the provider's own: no yardstick for what stands in front of it.
bool isOwnUse(std::string_view figure)
{
    return figure.starts_with("cpu_") || figure.starts_with("rss") || figure.starts_with("pss");
}

} // namespace

std::optional<double> ratioOf(const ArmResult &arm, const ArmResult &reference, std::string_view figure)
{
    const Figure *const mine = findFigure(arm, figure);
    const Figure *const its = findFigure(reference, figure);
    if (!mine || !its || mine->unit != its->unit || mine->better == Better::Neither)
        return std::nullopt;
    if (reference.arm == "direct" && isOwnUse(figure))
        return std::nullopt;
    if (!mine->value || !its->value || !(*mine->value > 0) || !(*its->value > 0))
        return std::nullopt;
    return *mine->value / *its->value;
}

std::string parametersText(const Section &section)
{
    std::string text;
    for (const auto &[name, value] : section.parameters)
        text += (text.empty() ? "" : " · ") + name + " " + value;
    return text;
}

} // namespace weir::report
