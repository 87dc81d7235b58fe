// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/markdown.h"
#include "report/numbers.h"
#include "report/ratios.h"
#include "report/text.h"
#include <algorithm>

namespace weir::report {

namespace {

/// As it is, whatever it holds: what Markdown or HTML would read as markup is escaped.
std::string plain(std::string_view text)
{
    std::string out;
    for (const char character : printable(text)) {
        if (std::string_view("\\`*_{}[]<>|#&~").find(character) != std::string_view::npos)
            out += '\\';
        out += character;
    }
    return out;
}

std::string line(const std::vector<std::string> &cells)
{
    std::string out = "|";
    for (const std::string &cell : cells)
        out += " " + cell + " |";
    return out + "\n";
}

/// One row: the name of the arm, then one cell per column.
template<typename CellOf>
std::string row(const ArmResult &arm, const std::vector<Column> &columns, const CellOf &cellOf)
{
    const bool isOwn = arm.arm == "weir";
    std::vector<std::string> cells{isOwn ? "**weir**" : plain(arm.arm)};
    for (std::size_t index = 0; index < columns.size(); ++index) {
        const std::string cell = cellOf(index);
        cells.push_back(isOwn && cell != "–" ? "**" + cell + "**" : cell);
    }
    return line(cells);
}

std::string table(const Section &section, const std::vector<Column> &columns)
{
    std::vector<Scale> scales;
    std::vector<std::string> heads{""};
    std::vector<std::string> rule{"---"};
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
        const std::string &unit = scales.back().unit;
        heads.push_back(plain(labelOf(column.figure)) +
                        (unit.empty()   ? ""
                         : unit == "/s" ? "/s"
                                        : ", " + plain(unit)) +
                        arrow);
        rule.emplace_back("---:");
    }
    std::string out = line(heads) + line(rule);
    for (const ArmResult *const reference : referencesOf(section)) {
        std::string rows;
        for (const ArmResult *const arm : comparedWith(section, *reference)) {
            bool hasRatio = false;
            const std::string text = row(*arm, columns, [&](std::size_t index) {
                const auto ratio = ratioOf(*arm, *reference, columns[index].figure);
                hasRatio = hasRatio || ratio;
                return ratio ? ratioText(*ratio) : "–";
            });
            rows += hasRatio ? text : "";
        }
        if (!rows.empty())
            out += line(std::vector<std::string>{"*against " + plain(reference->arm) + "*"}) + rows;
    }
    if (!referencesOf(section).empty())
        out += line(std::vector<std::string>{"*measured*"});
    for (const ArmResult &arm : section.arms) {
        if (arm.broken.empty())
            out += row(arm, columns, [&](std::size_t index) {
                const auto value = valueOf(arm, columns[index].figure);
                return value ? inScale(*value, scales[index]) : "–";
            });
    }
    return out;
}

std::string sectionText(const Section &section)
{
    std::string out = "\n### " + plain(section.title) + "\n";
    if (const std::string parameters = parametersText(section); !parameters.empty())
        out += "\n" + plain(parameters) + "\n";
    if (const std::vector<Column> columns = columnsOf(section); !columns.empty())
        out += "\n" + table(section, columns);
    std::string list;
    for (const ArmResult &arm : section.arms) {
        if (!arm.broken.empty())
            list += "* " + plain(arm.arm) + " is broken: " + plain(arm.broken) + "\n";
        else if (arm.failures > 0)
            list += "* " + plain(arm.arm) + ": " + std::to_string(arm.failures) + " requests failed\n";
    }
    for (const std::string &note : section.notes)
        list += "* " + plain(note) + "\n";
    return out + (list.empty() ? "" : "\n" + list);
}

} // namespace

std::string toMarkdown(const Report &report)
{
    std::string out = line({"", ""}) + line({"---", "---"});
    const auto fact = [&out](const char *name, const std::string &value) {
        if (!value.empty())
            out += line({name, value});
    };
    fact("Date", plain(report.date));
    fact("Command", report.command.empty() ? "" : plain(report.command));
    fact("Weir", plain(report.version + (report.commit.empty() ? "" : ", commit " + report.commit)));
    fact("Build", plain(report.buildType + (report.compiler.empty() ? "" : ", " + report.compiler)));
    fact("Machine", plain(report.cpu + ", " + std::to_string(report.threads) + " threads, " +
                          withUnit(double(report.memoryBytes), "bytes")));
    fact("System", plain(report.os + ", kernel " + report.kernel));
    for (const auto &[name, version] : report.peers)
        fact("Peer", plain(name + (version.empty() ? "" : ", " + version)));
    out += "\n↑ more is better, ↓ less is better, – not enough samples or not measurable.\n";
    if (report.interrupted)
        out += "\n**The run was interrupted. This is what was measured until then.**\n";
    for (const Section &section : report.sections)
        out += sectionText(section);
    return out;
}

base::Result<QByteArray> withMeasured(const QByteArray &document, const std::string &markdown)
{
    const QByteArray block =
        QByteArray(MeasuredBegin) + "\n\n" + QByteArray::fromStdString(markdown) + "\n" + MeasuredEnd;
    if (document.isEmpty())
        return block + "\n";
    const qsizetype begin = document.indexOf(MeasuredBegin);
    const qsizetype end = document.indexOf(MeasuredEnd);
    if (begin < 0 || end < begin || document.count(MeasuredBegin) != 1 || document.count(MeasuredEnd) != 1)
        return base::unexpected(base::Errc::FileUnreadable, std::string("it needs the lines \"") +
                                                                MeasuredBegin + "\" and \"" + MeasuredEnd +
                                                                "\", once each, in this order");
    return document.left(begin) + block + document.mid(end + qsizetype(qstrlen(MeasuredEnd)));
}

} // namespace weir::report
