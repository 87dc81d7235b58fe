// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/show.h"
#include "commands/exit_code.h"
#include "commands/outputs.h"
#include "report/diff.h"
#include "report/files.h"
#include "report/table.h"
#include <cstdio>

namespace weir::bench {

int show(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Shows a report that --json has written; measures nothing."));
    const Outputs outputs(parser);
    if (const auto code = readOptions(parser, arguments, "show", "REPORT.json", 1))
        return *code;
    const auto report = report::readReport(parser.positionalArguments().constFirst());
    if (!report)
        return complain("show", RunError, base::describe(report.error()) + ".");
    std::fputs(report::toText(*report, report::terminalColumns()).c_str(), stdout);
    if (const auto trouble = outputs.write(*report))
        return complain("show", RunError, *trouble);
    return 0;
}

int diff(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Tells what moved from one stored report to another, beyond the noise of both. Exits with 0 also "
        "when something moved."));
    parser.addOption({QStringLiteral("html"), QStringLiteral("Write the same as a page to FILE."),
                      QStringLiteral("FILE")});
    if (const auto code = readOptions(parser, arguments, "diff", "OLD.json NEW.json", 2))
        return *code;
    const auto before = report::readReport(parser.positionalArguments().at(0));
    const auto after = before ? report::readReport(parser.positionalArguments().at(1)) : before;
    if (!after)
        return complain("diff", RunError, base::describe(after.error()) + ".");
    const report::Diff diff = report::compare(*before, *after);
    std::fputs(report::toText(diff, report::terminalColumns()).c_str(), stdout);
    const QString page = parser.value(QStringLiteral("html"));
    if (page.isEmpty())
        return 0;
    const auto trouble = report::writeFile(page, report::toHtml(diff));
    return trouble ? complain("diff", RunError, *trouble) : 0;
}

} // namespace weir::bench
