// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/table.h"
#include "report/numbers.h"
#include "report/ratios.h"
#include "report/text.h"
#include <algorithm>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weir::report {

namespace {

constexpr int ColumnsWithoutTerminal = 100;
constexpr int Gap = 2;

const char *arrow(Better better)
{
    return better == Better::Lower ? " ↓" : better == Better::Higher ? " ↑" : "";
}

/// One line of a table; without cells it is a heading within the table.
struct Row
{
    std::string label;
    std::vector<std::string> cells;
};

/// A section as text cells, before it is known how wide they may be.
struct Grid
{
    std::vector<std::string> heads;
    std::vector<std::string> units;
    std::vector<Row> rows;
};

void addRatios(Grid &grid, const Section &section, const std::vector<Column> &columns)
{
    for (const ArmResult *const reference : referencesOf(section)) {
        std::vector<Row> rows;
        for (const ArmResult *const arm : comparedWith(section, *reference)) {
            Row row{"  " + printable(arm->arm), {}};
            bool hasRatio = false;
            for (const Column &column : columns) {
                const auto ratio = ratioOf(*arm, *reference, column.figure);
                hasRatio = hasRatio || ratio;
                row.cells.push_back(ratio ? ratioText(*ratio) : "–");
            }
            if (hasRatio)
                rows.push_back(std::move(row));
        }
        if (rows.empty())
            continue;
        grid.rows.push_back({"against " + printable(reference->arm), {}});
        std::move(rows.begin(), rows.end(), std::back_inserter(grid.rows));
    }
}

Grid gridOf(const Section &section)
{
    Grid grid;
    const std::vector<Column> columns = columnsOf(section);
    std::vector<Scale> scales;
    for (const Column &column : columns) {
        std::vector<double> values;
        for (const ArmResult &arm : section.arms) {
            if (const auto value = valueOf(arm, column.figure))
                values.push_back(*value);
        }
        scales.push_back(scaleFor(column.unit, values));
        grid.heads.push_back(printable(labelOf(column.figure)));
        grid.units.push_back(printable(scales.back().unit) + arrow(column.better));
    }
    const bool hasFailures = std::any_of(section.arms.begin(), section.arms.end(),
                                         [](const ArmResult &arm) { return arm.failures > 0; });
    addRatios(grid, section, columns);
    if (!grid.rows.empty())
        grid.rows.push_back({"measured", {}});
    for (const ArmResult &arm : section.arms) {
        if (!arm.broken.empty())
            continue;
        Row row{"  " + printable(arm.arm), {}};
        for (std::size_t index = 0; index < columns.size(); ++index) {
            const auto value = valueOf(arm, columns[index].figure);
            row.cells.push_back(value ? inScale(*value, scales[index]) : "–");
        }
        if (hasFailures)
            row.cells.push_back(std::to_string(arm.failures));
        grid.rows.push_back(std::move(row));
    }
    if (hasFailures) {
        grid.heads.emplace_back("failed");
        grid.units.emplace_back();
        for (Row &row : grid.rows) {
            if (!row.cells.empty() && row.cells.size() < grid.heads.size())
                row.cells.emplace_back();
        }
    }
    return grid;
}

void addLine(std::string &out, std::string line)
{
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
}

void addGrid(std::string &out, const Grid &grid, int columns)
{
    int armColumns = 0;
    for (const Row &row : grid.rows)
        armColumns = std::max(armColumns, columnsOf(row.label));
    armColumns = std::min(armColumns, columns / 2);
    std::vector<int> widths;
    for (std::size_t index = 0; index < grid.heads.size(); ++index) {
        int width = std::max(columnsOf(grid.heads[index]), columnsOf(grid.units[index]));
        for (const Row &row : grid.rows) {
            if (!row.cells.empty())
                width = std::max(width, columnsOf(row.cells[index]));
        }
        widths.push_back(std::min(width, columns - armColumns - Gap));
    }
    // As many columns side by side as there is room for, the rest below.
    for (std::size_t begin = 0; begin < widths.size();) {
        std::size_t end = begin;
        int used = armColumns;
        while (end < widths.size() && (end == begin || used + Gap + widths[end] <= columns))
            used += Gap + widths[end++];
        const auto line = [&](const std::string &label, const std::vector<std::string> &cells) {
            std::string text = padRight(abbreviated(label, armColumns), armColumns);
            for (std::size_t index = begin; index < end && !cells.empty(); ++index)
                text +=
                    std::string(Gap, ' ') + padLeft(abbreviated(cells[index], widths[index]), widths[index]);
            addLine(out, std::move(text));
        };
        if (begin > 0)
            out += "\n";
        line({}, grid.heads);
        line({}, grid.units);
        for (const Row &row : grid.rows)
            line(row.label, row.cells);
        begin = end;
    }
}

void addSection(std::string &out, const Section &section, int columns)
{
    out += "\n";
    addWrapped(out, "", section.title, columns);
    if (const std::string parameters = parametersText(section); !parameters.empty())
        addWrapped(out, "", parameters, columns);
    out += "\n";
    const Grid grid = gridOf(section);
    if (!grid.heads.empty())
        addGrid(out, grid, columns);
    for (const ArmResult &arm : section.arms) {
        if (!arm.broken.empty())
            addWrapped(out, "  " + printable(arm.arm) + ": ", "broken, " + arm.broken, columns);
    }
    if (section.arms.empty())
        out += "  nothing was measured\n";
    for (const std::string &note : section.notes)
        addWrapped(out, "  • ", note, columns);
}

} // namespace

std::string toText(const Report &report, int columns)
{
    columns = std::max(columns, TableColumnsMin);
    std::string out;
    addWrapped(out, "", report.command, columns);
    std::string build = "weir " + report.version;
    for (const std::string &part : {report.commit, report.buildType, report.compiler, report.date}) {
        if (!part.empty())
            build += " · " + part;
    }
    addWrapped(out, "", build, columns);
    addWrapped(out, "",
               report.cpu + " · " + std::to_string(report.threads) + " threads · " +
                   withUnit(double(report.memoryBytes), "bytes") + " · " + report.os + " · Linux " +
                   report.kernel,
               columns);
    for (const auto &[name, version] : report.peers)
        addWrapped(out, "", name + ": " + (version.empty() ? "version unknown" : version), columns);
    if (report.buildType != "Release" && !report.buildType.empty())
        addWrapped(out, "", "This is no release build: its figures say little about the one that people run.",
                   columns);
    for (const Section &section : report.sections)
        addSection(out, section, columns);
    out += "\n";
    if (report.interrupted)
        addWrapped(out, "", "Interrupted: this is what was measured until then.", columns);
    addWrapped(out, "", "↑ more is better, ↓ less is better, – not enough samples or not measurable",
               columns);
    return out;
}

int terminalColumns()
{
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return ColumnsWithoutTerminal;
}

} // namespace weir::report
