// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/all.h"
#include "commands/child_run.h"
#include "commands/exit_code.h"
#include "commands/outputs.h"
#include "commands/stop_flag.h"
#include "report/table.h"
#include "report/this_run.h"
#include <algorithm>
#include <array>
#include <cstdio>

namespace weir::bench {

namespace {

/// One command of the whole. Options are separated by spaces.
struct Part
{
    const char *command;
    const char *options;
    const char *quick;
    double secondsMost; ///< well above what it takes; ends one that hangs
};

// The comparison first: it is what people read first.
constexpr std::array Parts{
    Part{"compare", "", "--quick", 900},
    Part{"latency", "", "--quick", 300},
    Part{"throughput", "", "--quick", 600},
    Part{"stream", "", "--quick", 600},
    Part{"load", "--profile spike", "--profile spike --quick", 600},
    Part{"memory", "", "--quick", 1800},
    Part{"cpu", "", "--quick", 600},
    Part{"json", "", "--repetitions 3 --seconds 0.01", 300},
    Part{"micro", "", "--repetitions 3 --seconds 0.01", 900},
};

bool hasFailed(const report::Report &report)
{
    return std::any_of(report.sections.begin(), report.sections.end(), [](const report::Section &section) {
        return section.arms.empty() ||
               std::any_of(section.arms.begin(), section.arms.end(), [](const report::ArmResult &arm) {
                   return arm.failures > 0 || !arm.broken.empty();
               });
    });
}

/// Appends the sections of `part`. They say which command they come from: two commands may measure alike.
void append(report::Report &whole, const char *command, report::Report part)
{
    for (report::Section &section : part.sections) {
        section.parameters.emplace_back("command", command);
        whole.sections.push_back(std::move(section));
    }
    for (auto &peer : part.peers) {
        if (std::find(whole.peers.begin(), whole.peers.end(), peer) == whole.peers.end())
            whole.peers.push_back(std::move(peer));
    }
    whole.interrupted = whole.interrupted || part.interrupted;
}

/// A command without a report must be seen in the whole.
void appendTrouble(report::Report &whole, const char *command, const base::Error &error)
{
    report::Section section;
    section.kind = command;
    section.title = std::string(command) + ": nothing was measured";
    section.parameters = {{"command", command}};
    section.notes = {base::describe(error)};
    whole.sections.push_back(std::move(section));
}

} // namespace

int all(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Measures everything, one command after the other, into one report."));
    parser.addOptions(
        {{QStringLiteral("quick"),
          QStringLiteral("In less than three minutes: to see whether all works, not to compare.")},
         {QStringLiteral("weir"), QStringLiteral("The weir-headless to measure."), QStringLiteral("FILE")}});
    const Outputs outputs(parser);
    if (const auto code = readOptions(parser, arguments, "all", "", 0))
        return *code;
    QStringList line = arguments;
    line.insert(1, QStringLiteral("all"));
    report::Report whole = report::describeRun(line);

    const StopFlag stop;
    for (const Part &part : Parts) {
        if (StopFlag::isRaised())
            break;
        std::fprintf(stderr, "weir-bench %s\n", part.command);
        const bool isQuick = parser.isSet(QStringLiteral("quick"));
        QStringList command{QString::fromLatin1(part.command)};
        command += QString::fromLatin1(isQuick ? part.quick : part.options).split(u' ', Qt::SkipEmptyParts);
        const bool startsWeir =
            std::string_view(part.command) != "json" && std::string_view(part.command) != "micro";
        if (startsWeir && parser.isSet(QStringLiteral("weir")))
            command += {QStringLiteral("--weir"), parser.value(QStringLiteral("weir"))};
        auto report = runChild(command, part.secondsMost, [] { return StopFlag::isRaised(); });
        if (report)
            append(whole, part.command, std::move(*report));
        else
            appendTrouble(whole, part.command, report.error());
    }
    whole.interrupted = whole.interrupted || StopFlag::isRaised();
    std::fputs(report::toText(whole, report::terminalColumns()).c_str(), stdout);
    if (const auto trouble = outputs.write(whole))
        return complain("all", RunError, *trouble);
    return hasFailed(whole) || whole.interrupted ? RunError : 0;
}

} // namespace weir::bench
