// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/html.h"
#include "report/charts.h"
#include "report/markup.h"
#include "report/page_parts.h"

namespace weir::report {

namespace {

std::string warning(const std::string &text)
{
    return "<p class=\"warning\"><strong>Mind:</strong> " + escaped(text) + "</p>";
}

std::string warnings(const Report &report)
{
    std::string out;
    if (report.interrupted)
        out += warning("The run was interrupted. This is what was measured until then.");
    if (!report.buildType.empty() && report.buildType != "Release")
        out += warning("This is a " + report.buildType +
                       " build. Its figures say little about the one that people run.");
    if (report.commit.ends_with("-dirty"))
        out += warning("The source had changes that are in no commit.");
    for (const Section &section : report.sections) {
        for (const ArmResult &arm : section.arms) {
            if (!arm.broken.empty())
                out += warning(section.title + ": " + arm.arm + " is broken: " + arm.broken);
            else if (arm.failures > 0)
                out += warning(section.title + ": " + arm.arm + " failed " + std::to_string(arm.failures) +
                               (arm.failures == 1 ? " request." : " requests.") +
                               " Failures are counted, not averaged in.");
        }
    }
    return out;
}

/// "2026-01-02 03:04 UTC" of "2026-01-02T03:04:05Z"; anything else as it is.
std::string dateText(const std::string &date)
{
    if (date.size() != 20 || date[10] != 'T' || date.back() != 'Z')
        return date;
    return date.substr(0, 10) + " " + date.substr(11, 5) + " UTC";
}

std::string headPart(const Report &report)
{
    std::string facts = dateText(report.date);
    for (const std::string &fact :
         {report.commit.empty() ? std::string() : "commit " + report.commit, report.cpu,
          report.threads > 0 ? std::to_string(report.threads) + " threads" : std::string()}) {
        if (!fact.empty())
            facts += (facts.empty() ? "" : " · ") + fact;
    }
    return "<header><p class=\"eyebrow\">weir-bench " + escaped(report.version) +
           "</p><h1>What Weir costs, side by side</h1><p class=\"facts\">" + escaped(facts) + "</p>" +
           warnings(report) + "</header>";
}

} // namespace

QByteArray htmlPage(const std::string &title, const std::string &content)
{
    // The policy is a second wall behind the escaping: nothing is loaded and nothing runs.
    const std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
                             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
                             "<meta name=\"color-scheme\" content=\"light dark\"/>"
                             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                             "style-src 'unsafe-inline'\"/>"
                             "<title>" +
                             escaped(title) + "</title><style>" + pageStyle() + "</style></head>\n<body>" +
                             pageDefinitions() + "<main>" + content + "</main></body></html>\n";
    return QByteArray::fromStdString(page);
}

QByteArray toHtml(const Report &report)
{
    return htmlPage("weir-bench " + dateText(report.date), headPart(report) + summaryPart(report) +
                                                               chartsPart(report) + tablesPart(report) +
                                                               methodPart(report));
}

} // namespace weir::report
