// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/diff.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/numbers.h"
#include "report/text.h"
#include <algorithm>

namespace weir::report {

namespace {

constexpr int ColumnsMin = 40;
constexpr const char *GroundSentence =
    "DIFFERENT MACHINE, BUILD OR COMMAND: what moved may have moved because of that.";
constexpr const char *RuleSentence = "Moved means: by more than the runs of both reports spread together "
                                     "(the largest distance of a run from its "
                                     "median), and by at least 1 %.";

const char *wordOf(Change::Verdict verdict)
{
    switch (verdict) {
    case Change::Verdict::Better:
        return "▲ better";
    case Change::Verdict::Worse:
        return "▼ worse";
    case Change::Verdict::Moved:
        return "● moved";
    case Change::Verdict::NoiseUnknown:
        return "? noise unknown";
    case Change::Verdict::WithinNoise:
        break;
    }
    return "within noise";
}

std::string noiseText(const std::optional<double> &noise, double value)
{
    if (!noise || value == 0)
        return "–";
    const std::string text = percentText(*noise / std::abs(value));
    return "±" + (text.starts_with('+') ? text.substr(1) : text);
}

/// The cells of a change after its arm and figure.
std::vector<std::string> cellsOf(const Change &change)
{
    const Scale scale = scaleFor(change.unit, {change.before, change.after});
    const std::string unit =
        scale.unit.empty() || scale.unit.starts_with('/') ? scale.unit : " " + scale.unit;
    return {inScale(change.before, scale) + unit,
            inScale(change.after, scale) + unit,
            change.before != 0 ? percentText(change.share()) : "–",
            noiseText(change.noiseBefore, change.before),
            noiseText(change.noiseAfter, change.after),
            wordOf(change.verdict)};
}

std::vector<Change> changesWith(const Diff &diff, bool isUnknown)
{
    std::vector<Change> list;
    for (const Change &change : diff.changes) {
        if (change.verdict != Change::Verdict::WithinNoise &&
            (change.verdict == Change::Verdict::NoiseUnknown) == isUnknown)
            list.push_back(change);
    }
    return list;
}

void addTable(std::string &out, const std::vector<Change> &changes, int columns)
{
    std::vector<std::vector<std::string>> rows{{"", "before", "now", "change", "noise", "noise now", ""}};
    for (const Change &change : changes) {
        std::vector<std::string> row = cellsOf(change);
        row.insert(row.begin(), "    " + printable(change.arm + " " + labelOf(change.figure)));
        rows.push_back(std::move(row));
    }
    std::vector<int> widths(rows[0].size());
    int used = 0;
    for (std::size_t index = 0; index < widths.size(); ++index) {
        for (const auto &row : rows)
            widths[index] = std::max(widths[index], columnsOf(row[index]));
        used += widths[index] + (index > 0 ? 2 : 0);
    }
    // A name gives way first; where that is not enough, the noise is told in the second line.
    widths[0] = std::max(std::min(widths[0], 16), widths[0] - std::max(0, used - columns));
    std::string section;
    for (std::size_t index = 0; index < rows.size(); ++index) {
        if (index > 0 && changes[index - 1].section != section) {
            section = changes[index - 1].section;
            addWrapped(out, "  ", section, columns);
        }
        std::string line = padRight(abbreviated(rows[index][0], widths[0]), widths[0]);
        for (std::size_t cell = 1; cell < widths.size(); ++cell) {
            const bool isWord = cell + 1 == widths.size();
            const std::string text =
                "  " + (isWord ? rows[index][cell] : padLeft(rows[index][cell], widths[cell]));
            if (columnsOf(line + text) > columns) {
                line.erase(line.find_last_not_of(' ') + 1);
                out += line + "\n";
                line = std::string(std::size_t(std::min(widths[0], columns / 3)), ' ');
            }
            line += text;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
}

void addList(std::string &out, const std::string &title, const std::vector<std::string> &list, int columns)
{
    if (list.empty())
        return;
    out += "\n" + title + "\n";
    for (const std::string &line : list)
        addWrapped(out, "  • ", line, columns);
}

std::string countText(const Diff &diff)
{
    const auto within = std::count_if(diff.changes.begin(), diff.changes.end(), [](const Change &change) {
        return change.verdict == Change::Verdict::WithinNoise;
    });
    return std::to_string(within) + " of " + std::to_string(diff.changes.size()) +
           " figures stayed within their noise or, where that is unknown, changed by less than 10 %.";
}

std::string arrowText(const Diff::Fact &fact)
{
    const auto orUnknown = [](const std::string &text) { return text.empty() ? "unknown" : text; };
    return fact.name + ": " + orUnknown(fact.before) + " → " + orUnknown(fact.after);
}

std::string htmlTable(const std::string &title, const std::vector<Change> &changes)
{
    std::string out = "<h2>" + title +
                      "</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + title +
                      "\"><table><thead><tr><th scope=\"col\">Arm and figure</th>";
    for (const char *head : {"before", "now", "change", "noise before", "noise now", "verdict"})
        out += "<th scope=\"col\">" + std::string(head) + "</th>";
    out += "</tr></thead>";
    const Change *last = nullptr;
    for (const Change &change : changes) {
        if (!last || last->section != change.section)
            out += std::string(last ? "</tbody>" : "") +
                   "<tbody><tr><th class=\"group\" scope=\"rowgroup\" colspan=\"7\">" +
                   escaped(change.section) + "</th></tr>";
        last = &change;
        out += "<tr><th scope=\"row\">" + escaped(change.arm + " · " + labelOf(change.figure)) + "</th>";
        const std::vector<std::string> cells = cellsOf(change);
        for (std::size_t index = 0; index + 1 < cells.size(); ++index)
            out += "<td>" + escaped(cells[index]) + "</td>";
        const char *const look = change.verdict == Change::Verdict::Better  ? "better"
                                 : change.verdict == Change::Verdict::Worse ? "worse"
                                                                            : "level";
        out += "<td class=\"" + std::string(look) + "\">" + escaped(cells.back()) + "</td></tr>";
    }
    return out + (last ? "</tbody>" : "") + "</table></div>";
}

std::string htmlList(const std::string &title, const std::vector<std::string> &list)
{
    if (list.empty())
        return {};
    std::string out = "<h2>" + title + "</h2><ul class=\"notes\">";
    for (const std::string &line : list)
        out += "<li>" + escaped(line) + "</li>";
    return out + "</ul>";
}

} // namespace

std::string toText(const Diff &diff, int columns)
{
    columns = std::max(columns, ColumnsMin);
    std::string out;
    for (const Diff::Fact &fact : diff.subjects)
        addWrapped(out, "", arrowText(fact), columns);
    if (!diff.differentGround.empty()) {
        out += "\n";
        addWrapped(out, "!! ", GroundSentence, columns);
        for (const Diff::Fact &fact : diff.differentGround)
            addWrapped(out, "!!   ", arrowText(fact), columns);
    }
    addList(out, "Mind", diff.troubles, columns);
    const std::vector<Change> moved = changesWith(diff, false);
    const std::vector<Change> unknown = changesWith(diff, true);
    out += moved.empty() ? "\nNothing moved.\n" : "\nMoved\n";
    if (!moved.empty())
        addTable(out, moved, columns);
    if (!unknown.empty()) {
        out += "\nDiffers by 10 % or more, but with too few runs to know the noise\n";
        addTable(out, unknown, columns);
    }
    addList(out, "Only in the older report", diff.onlyBefore, columns);
    addList(out, "Only in the newer report", diff.onlyAfter, columns);
    out += "\n";
    addWrapped(out, "", countText(diff), columns);
    addWrapped(out, "", RuleSentence, columns);
    return out;
}

QByteArray toHtml(const Diff &diff)
{
    std::string out = "<header><p class=\"eyebrow\">weir-bench diff</p><h1>What moved</h1>";
    for (const Diff::Fact &fact : diff.subjects)
        out += "<p class=\"facts\">" + escaped(arrowText(fact)) + "</p>";
    if (!diff.differentGround.empty()) {
        out += "<div class=\"warning\"><strong>" + escaped(GroundSentence) + "</strong><ul>";
        for (const Diff::Fact &fact : diff.differentGround)
            out += "<li>" + escaped(arrowText(fact)) + "</li>";
        out += "</ul></div>";
    }
    for (const std::string &trouble : diff.troubles)
        out += "<p class=\"warning\">" + escaped(trouble) + "</p>";
    out += "</header>";
    const std::vector<Change> moved = changesWith(diff, false);
    const std::vector<Change> unknown = changesWith(diff, true);
    out += moved.empty() ? "<h2>Nothing moved</h2>" : htmlTable("Moved", moved);
    if (!unknown.empty())
        out += htmlTable("Differs by 10 % or more, with too few runs to know the noise", unknown);
    out += htmlList("Only in the older report", diff.onlyBefore) +
           htmlList("Only in the newer report", diff.onlyAfter) + "<p class=\"lead\">" +
           escaped(countText(diff)) + "</p><p class=\"lead\">" + escaped(RuleSentence) + "</p>";
    return htmlPage("weir-bench diff", out);
}

} // namespace weir::report
