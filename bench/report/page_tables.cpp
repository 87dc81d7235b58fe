// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/markup.h"
#include "report/numbers.h"
#include "report/page_parts.h"
#include "report/ratios.h"
#include <algorithm>

namespace weir::report {

namespace {

std::string cell(const std::string &text)
{
    return "<td>" + escaped(text) + "</td>";
}

std::string rowStart(const ArmResult &arm)
{
    return std::string(arm.arm == "weir" ? "<tr class=\"own\">" : "<tr>") + "<th scope=\"row\">" +
           escaped(arm.arm) + "</th>";
}

std::string groupRow(const std::string &title, std::size_t columns)
{
    return "<tbody><tr><th class=\"group\" scope=\"rowgroup\" colspan=\"" + std::to_string(columns) + "\">" +
           escaped(title) + "</th></tr>";
}

std::string ratioGroups(const Section &section, const std::vector<Column> &columns, std::size_t width)
{
    std::string out;
    for (const ArmResult *const reference : referencesOf(section)) {
        std::string rows;
        for (const ArmResult *const arm : comparedWith(section, *reference)) {
            std::string cells;
            bool hasRatio = false;
            for (const Column &column : columns) {
                const auto ratio = ratioOf(*arm, *reference, column.figure);
                hasRatio = hasRatio || ratio;
                cells += cell(ratio ? ratioText(*ratio) : "–");
            }
            if (hasRatio)
                rows += rowStart(*arm) + cells + (width > columns.size() + 1 ? cell("") : "") + "</tr>";
        }
        if (!rows.empty())
            out += groupRow("against " + reference->arm, width) + rows + "</tbody>";
    }
    return out;
}

/// The value, and the range of the single runs below it.
std::string valueCell(const ArmResult &arm, const Column &column, const Scale &scale)
{
    const Figure *const figure = findFigure(arm, column.figure);
    if (!figure || !figure->value)
        return cell("–");
    std::string out = "<td>" + escaped(inScale(*figure->value, scale));
    if (figure->runs.size() > 1) {
        const auto [low, high] = std::minmax_element(figure->runs.begin(), figure->runs.end());
        out += "<small>" + escaped(inScale(*low, scale) + "–" + inScale(*high, scale)) + "</small>";
    }
    return out + "</td>";
}

std::string table(const Section &section)
{
    const std::vector<Column> columns = columnsOf(section);
    const bool hasFailures = std::any_of(section.arms.begin(), section.arms.end(),
                                         [](const ArmResult &arm) { return arm.failures > 0; });
    const std::size_t width = columns.size() + 1 + (hasFailures ? 1 : 0);
    std::vector<Scale> scales;
    std::string head;
    for (const Column &column : columns) {
        std::vector<double> values;
        for (const ArmResult &arm : section.arms) {
            if (const auto value = valueOf(arm, column.figure))
                values.push_back(*value);
        }
        scales.push_back(scaleFor(column.unit, values));
        const char *const arrow = column.better == Better::Higher  ? " ↑"
                                  : column.better == Better::Lower ? " ↓"
                                                                   : "";
        head += "<th scope=\"col\">" + escaped(labelOf(column.figure)) + "<small>" +
                escaped(scales.back().unit + arrow) + "</small></th>";
    }
    if (hasFailures)
        head += "<th scope=\"col\">failed</th>";
    std::string body = ratioGroups(section, columns, width);
    body += body.empty() ? "<tbody>" : groupRow("measured", width);
    for (const ArmResult &arm : section.arms) {
        body += rowStart(arm);
        if (!arm.broken.empty()) {
            body += "<td class=\"words\" colspan=\"" + std::to_string(width - 1) +
                    "\">broken: " + escaped(arm.broken) + "</td></tr>";
            continue;
        }
        for (std::size_t index = 0; index < columns.size(); ++index)
            body += valueCell(arm, columns[index], scales[index]);
        body += (hasFailures ? cell(std::to_string(arm.failures)) : "") + "</tr>";
    }
    return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + escaped(section.title) +
           "\"><table><thead><tr><th scope=\"col\">Arm</th>" + head + "</tr></thead>" + body +
           "</tbody></table></div>";
}

} // namespace

std::string tablesPart(const Report &report)
{
    std::string out;
    for (const Section &section : report.sections) {
        out += "<section><h3>" + escaped(section.title) + "</h3>";
        if (const std::string parameters = parametersText(section); !parameters.empty())
            out += "<p class=\"parameters\">" + escaped(parameters) + "</p>";
        const bool hasColumns = !columnsOf(section).empty();
        const bool hasBroken = std::any_of(section.arms.begin(), section.arms.end(),
                                           [](const ArmResult &arm) { return !arm.broken.empty(); });
        // A table needs a column besides the names.
        out += hasColumns || hasBroken ? table(section) : "<p>Nothing was measured.</p>";
        if (!section.notes.empty()) {
            out += "<ul class=\"notes\">";
            for (const std::string &note : section.notes)
                out += "<li>" + escaped(note) + "</li>";
            out += "</ul>";
        }
        out += "</section>\n";
    }
    if (out.empty())
        return {};
    return "<section><h2>All figures</h2><p class=\"lead\">↑ more is better, ↓ less is better, – not enough "
           "samples or not "
           "measurable. The small numbers are the lowest and highest of the single runs, whose median stands "
           "above "
           "them.</p>" +
           out + "</section>";
}

} // namespace weir::report
