// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/charts.h"
#include "report/markup.h"
#include "report/numbers.h"
#include "report/page_parts.h"
#include "report/ratios.h"
#include <algorithm>
#include <array>

namespace weir::report {

namespace {

constexpr std::size_t ChartsPerSweepMax = 8;
/// Of a section that stands alone: its table is small enough to be read.
constexpr std::size_t ChartsPerSectionMax = 4;

/// Sections that differ in one load alone: the categories of one chart.
struct Sweep
{
    std::string kind;
    std::string parameter; ///< "concurrency"; "" if the section stands alone
    std::vector<std::pair<std::string, std::string>> others;
    std::vector<std::pair<std::string, const Section *>> sections; ///< value of the parameter
};

bool isLoad(const std::string &parameter)
{
    static constexpr std::array<std::string_view, 5> Loads{"concurrency", "streams", "rate", "clients",
                                                           "connections"};
    return std::find(Loads.begin(), Loads.end(), parameter) != Loads.end();
}

std::vector<Sweep> sweepsOf(const Report &report)
{
    std::vector<Sweep> sweeps;
    for (const Section &section : report.sections) {
        if (section.kind == "micro" || section.arms.empty())
            continue; // hundreds of unlike operations: the table says it better
        Sweep sweep{section.kind, {}, section.parameters, {}};
        std::string value = section.kind;
        const auto load = std::find_if(sweep.others.begin(), sweep.others.end(),
                                       [](const auto &parameter) { return isLoad(parameter.first); });
        if (load != sweep.others.end()) {
            sweep.parameter = load->first;
            value = load->second;
            sweep.others.erase(load);
        }
        const auto known = std::find_if(sweeps.begin(), sweeps.end(), [&sweep](const Sweep &other) {
            return !sweep.parameter.empty() && other.kind == sweep.kind &&
                   other.parameter == sweep.parameter && other.others == sweep.others;
        });
        Sweep &target = known == sweeps.end() ? sweeps.emplace_back(std::move(sweep)) : *known;
        target.sections.emplace_back(value, &section);
    }
    return sweeps;
}

std::string figureElement(const std::string &caption, const std::string &small, const std::string &svg,
                          const std::vector<std::string> &arms, Sample kind)
{
    std::string legend;
    for (const std::string &arm : arms)
        legend += "<li>" + sample(arm, kind) + escaped(arm) + "</li>";
    return "<figure><figcaption>" + escaped(caption) + "<small>" + escaped(small) + "</small></figcaption>" +
           svg + "<ul class=\"legend\">" + legend + "</ul></figure>\n";
}

const char *directionText(Better better)
{
    return better == Better::Higher ? "more is better" : better == Better::Lower ? "less is better" : "";
}

std::string sweepTitle(const Sweep &sweep)
{
    if (sweep.sections.size() == 1)
        return sweep.sections[0].second->title;
    std::string title = capitalised(sweep.kind);
    for (const auto &[name, value] : sweep.others)
        title += ", " + name + " " + value;
    return title;
}

std::optional<BarChart> barsOf(const Sweep &sweep, const Column &column)
{
    BarChart chart;
    chart.unit = column.unit;
    chart.categoryTitle = sweep.parameter;
    std::vector<std::string> names;
    for (const auto &[value, section] : sweep.sections) {
        chart.categories.push_back(sweep.parameter.empty() ? "" : value);
        for (const ArmResult &arm : section->arms) {
            if (std::find(names.begin(), names.end(), arm.arm) == names.end())
                names.push_back(arm.arm);
        }
    }
    // In the order of the sections, also where the first of them has no value for one.
    std::erase_if(names, [&](const std::string &name) {
        return std::none_of(sweep.sections.begin(), sweep.sections.end(), [&](const auto &entry) {
            const ArmResult *const arm = findArm(*entry.second, name);
            return arm && arm->broken.empty() && valueOf(*arm, column.figure);
        });
    });
    std::string description;
    for (const std::string &name : names) {
        BarChart::Arm &bars = chart.arms.emplace_back(BarChart::Arm{name, {}});
        description += name + ":";
        for (const auto &[value, section] : sweep.sections) {
            const ArmResult *const arm = findArm(*section, name);
            bars.values.push_back(arm && arm->broken.empty() ? valueOf(*arm, column.figure) : std::nullopt);
            description += " " + (bars.values.back() ? withUnit(*bars.values.back(), column.unit) : "–");
        }
        description += ". ";
    }
    if (chart.arms.size() < 2 && chart.categories.size() < 2)
        return std::nullopt; // one bar compares nothing
    chart.title = labelOf(column.figure);
    chart.description = description;
    return chart;
}

std::string barsPart(const Sweep &sweep)
{
    std::vector<Column> columns;
    for (const auto &[value, section] : sweep.sections) {
        for (const Column &column : columnsOf(*section)) {
            const bool isKnown = std::any_of(columns.begin(), columns.end(), [&](const Column &other) {
                return other.figure == column.figure;
            });
            if (!isKnown && column.better != Better::Neither && column.figure != "max")
                columns.push_back(column);
        }
    }
    std::string out;
    const std::size_t most = sweep.sections.size() > 1 ? ChartsPerSweepMax : ChartsPerSectionMax;
    std::size_t count = 0;
    for (const Column &column : columns) {
        const auto chart = count < most ? barsOf(sweep, column) : std::nullopt;
        if (!chart)
            continue;
        ++count;
        std::vector<std::string> names;
        for (const BarChart::Arm &arm : chart->arms)
            names.push_back(arm.name);
        out += figureElement(capitalised(chart->title), directionText(column.better), toSvg(*chart), names,
                             isPoints(*chart) ? Sample::Point : Sample::Bar);
    }
    return out;
}

/// The share of samples above each bucket's upper edge, for as long as ten lie beyond it.
LineChart::Line curveOf(const std::string &arm, const Distribution &distribution)
{
    constexpr std::uint64_t BeyondMin = 10;
    LineChart::Line line{arm, {}};
    std::uint64_t all = 0;
    for (const Bucket &bucket : distribution.buckets)
        all += bucket.count;
    std::uint64_t below = 0;
    for (const Bucket &bucket : distribution.buckets) {
        const double share = double(all - below) / double(all);
        if (all - below < BeyondMin && !line.points.empty())
            break;
        line.points.emplace_back(share, double(bucket.upToNs));
        below += bucket.count;
    }
    return line;
}

std::vector<std::string> lineNames(const LineChart &chart)
{
    std::vector<std::string> names;
    for (const LineChart::Line &line : chart.lines)
        names.push_back(line.name);
    return names;
}

/// Charts by the name of what they show, in the order in which the names first appear.
using NamedCharts = std::vector<std::pair<std::string, LineChart>>;

LineChart &chartOf(NamedCharts &charts, const std::string &name)
{
    const auto known = std::find_if(charts.begin(), charts.end(),
                                    [&name](const auto &chart) { return chart.first == name; });
    return known == charts.end() ? charts.emplace_back(name, LineChart{}).second : known->second;
}

std::string curvesPart(const Section &section)
{
    NamedCharts charts;
    for (const ArmResult &arm : section.arms) {
        for (const Distribution &distribution : arm.distributions) {
            if (arm.broken.empty() && !distribution.buckets.empty())
                chartOf(charts, distribution.name).lines.push_back(curveOf(arm.arm, distribution));
        }
    }
    std::string out;
    for (auto &[name, chart] : charts) {
        chart.title = capitalised(labelOf(name)) + ", " + section.title;
        chart.description = "Percentile curves; the table of this section has the percentiles as numbers.";
        chart.unit = "ns";
        chart.axis = LineChart::Axis::Percentiles;
        out +=
            figureElement(capitalised(labelOf(name)) + " by percentile", section.title + "; lower is better",
                          toSvg(chart), lineNames(chart), Sample::Line);
    }
    return out;
}

std::string seriesPart(const Section &section)
{
    NamedCharts charts;
    for (const ArmResult &arm : section.arms) {
        for (const Series &series : arm.series) {
            LineChart &chart = chartOf(charts, series.name);
            // Two units on one axis would lie.
            if (!arm.broken.empty() || series.points.size() < 2 ||
                (!chart.lines.empty() && chart.unit != series.unit))
                continue;
            chart.unit = series.unit;
            chart.lines.push_back({arm.arm, series.points});
        }
    }
    std::string out;
    for (auto &[name, chart] : charts) {
        if (chart.lines.empty())
            continue;
        chart.title = capitalised(labelOf(name)) + " over time, " + section.title;
        for (const LineChart::Line &line : chart.lines)
            chart.description += line.name + " begins at " +
                                 withUnit(line.points.front().second, chart.unit) + " and ends at " +
                                 withUnit(line.points.back().second, chart.unit) + ". ";
        out += figureElement(capitalised(labelOf(name)) + " over time", section.title, toSvg(chart),
                             lineNames(chart), Sample::Line);
    }
    return out;
}

std::string group(const std::string &title, const std::string &figures)
{
    return figures.empty() ? ""
                           : "<h3>" + escaped(title) + "</h3><div class=\"charts\">" + figures + "</div>";
}

} // namespace

std::string chartsPart(const Report &report)
{
    std::string out;
    for (const Sweep &sweep : sweepsOf(report)) {
        std::string lines;
        for (const auto &[value, section] : sweep.sections)
            lines += curvesPart(*section) + seriesPart(*section);
        // A single load has little to show as bars; how it is distributed comes first there.
        const std::string bars = barsPart(sweep);
        out += group(sweepTitle(sweep), sweep.sections.size() > 1 ? bars + lines : lines + bars);
    }
    return out.empty() ? out : "<section><h2>Charts</h2>" + out + "</section>";
}

} // namespace weir::report
