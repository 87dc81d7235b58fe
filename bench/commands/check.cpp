// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/check.h"
#include "commands/child_run.h"
#include "commands/exit_code.h"
#include "commands/outputs.h"
#include "commands/stop_flag.h"
#include "report/table.h"
#include "report/this_run.h"
#include "report/thresholds.h"
#include <cstdio>
#include <QFile>
#include <set>

namespace weir::bench {

namespace {

constexpr qint64 ThresholdsBytesMax = 256 * 1024;
/// For one of the two runs: both stay below two minutes.
constexpr double RunSecondsMax = 55;
/// Short, but three runs each, so that one hiccup does not decide the median.
const QStringList Comparison{
    QStringLiteral("compare"),       QStringLiteral("--peer"),    QStringLiteral("nginx"),
    QStringLiteral("--concurrency"), QStringLiteral("1,10,64"),   QStringLiteral("--streams"),
    QStringLiteral("1,50"),          QStringLiteral("--seconds"), QStringLiteral("0.5"),
    QStringLiteral("--runs"),        QStringLiteral("3")};

base::Result<std::vector<report::Threshold>> readThresholds(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return base::unexpected(base::Errc::FileUnreadable,
                                (name + QStringLiteral(": ") + file.errorString()).toStdString());
    const QByteArray text = file.read(ThresholdsBytesMax + 1);
    if (text.size() > ThresholdsBytesMax)
        return base::unexpected(base::Errc::FileUnreadable, name.toStdString() + ": it is too large");
    auto thresholds = report::parseThresholds(text.toStdString());
    if (!thresholds)
        return base::unexpected(thresholds.error().code,
                                name.toStdString() + ": " + thresholds.error().detail);
    return thresholds;
}

/// Both runs in one report; of the second, the sections say so.
report::Report merged(const report::Report &run, const std::vector<report::Report> &reports)
{
    report::Report report = run;
    for (std::size_t index = 0; index < reports.size(); ++index) {
        report.peers = reports[index].peers;
        report.interrupted = report.interrupted || reports[index].interrupted;
        for (report::Section section : reports[index].sections) {
            if (index > 0) {
                section.title += " (second run)";
                section.parameters.emplace_back("run", "2");
            }
            report.sections.push_back(std::move(section));
        }
    }
    return report;
}

void print(const char *title, const std::vector<report::Outcome> &outcomes)
{
    std::printf("%s\n%s", title, report::toText(outcomes, report::terminalColumns()).c_str());
    std::fflush(stdout);
}

} // namespace

int check(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Compares Weir with nginx in a short run and holds the ratios against thresholds. Where one "
        "breaks it measures again, and fails only if the same one breaks twice in a row."));
    parser.addOptions(
        {{QStringLiteral("thresholds"), QStringLiteral("The thresholds. Default: the ones built in."),
          QStringLiteral("FILE"), QStringLiteral(":/weir-bench/thresholds.toml")},
         {QStringLiteral("weir"), QStringLiteral("The weir-headless to measure."), QStringLiteral("FILE")}});
    const Outputs outputs(parser);
    if (const auto code = readOptions(parser, arguments, "check", "", 0))
        return *code;
    const auto thresholds = readThresholds(parser.value(QStringLiteral("thresholds")));
    if (!thresholds)
        return complain("check", UsageError, base::describe(thresholds.error()) + ".");
    QStringList command = Comparison;
    if (parser.isSet(QStringLiteral("weir")))
        command += {QStringLiteral("--weir"), parser.value(QStringLiteral("weir"))};

    const StopFlag stop;
    const auto result = report::check(*thresholds, [&command]() -> base::Result<report::Report> {
        auto report = runChild(command, RunSecondsMax, [] { return StopFlag::isRaised(); });
        if (report && StopFlag::isRaised())
            return base::unexpected(base::Errc::Internal, "the check was interrupted");
        return report;
    });
    if (!result)
        return complain("check", RunError, base::describe(result.error()) + ".");
    print("First run", result->first);
    if (!result->second.empty())
        print("\nSecond run, because a threshold broke", result->second);
    QStringList line = arguments;
    line.insert(1, QStringLiteral("check"));
    if (const auto trouble = outputs.write(merged(report::describeRun(line), result->reports)))
        return complain("check", RunError, *trouble);
    if (result->hasFailed())
        return complain("check", RunError, "a threshold broke twice in a row.");
    return 0;
}

} // namespace weir::bench
