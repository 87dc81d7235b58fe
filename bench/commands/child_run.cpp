// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/child_run.h"
#include "commands/exit_code.h"
#include "report/files.h"
#include <csignal>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <sys/prctl.h>
#include <unistd.h>

namespace weir::bench {

namespace {

constexpr int PollMs = 100;

base::Unexpected failed(const QStringList &command, const std::string &what)
{
    return base::unexpected(base::Errc::Internal,
                            "weir-bench " + command.value(0).toStdString() + " " + what);
}

} // namespace

base::Result<report::Report> runProgram(const QString &program, const QStringList &command,
                                        double secondsMost, const std::function<bool()> &isStopped)
{
    const QTemporaryDir folder;
    if (!folder.isValid())
        return failed(command, "needs a temporary folder: " + folder.errorString().toStdString());
    const QString file = folder.filePath(QStringLiteral("report.json"));
    QProcess process;
    process.setProgram(program);
    process.setArguments(command + QStringList{QStringLiteral("--json"), file});
    process.setStandardOutputFile(QProcess::nullDevice());
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.setChildProcessModifier([] {
        ::setpgid(0, 0); // Ctrl-C reaches it once, through us: a second signal would kill it
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    });
    process.start();
    if (!process.waitForStarted())
        return failed(command, "could not be started: " + process.errorString().toStdString());

    QElapsedTimer clock;
    clock.start();
    double endSeconds = 0; // when it was asked to end
    while (!process.waitForFinished(PollMs) && process.state() != QProcess::NotRunning) {
        const double now = double(clock.elapsed()) / 1000;
        if (endSeconds == 0 && (isStopped() || now > secondsMost)) {
            process.terminate();
            endSeconds = now;
        } else if (endSeconds > 0 && now > endSeconds + ChildGraceSeconds) {
            process.kill();
        }
    }
    if (process.exitStatus() == QProcess::CrashExit)
        return failed(command, endSeconds > 0 ? "did not end when asked to and was killed"
                                              : "ended with signal " + std::to_string(process.exitCode()));
    if (process.exitCode() == UsageError)
        return failed(command, "refused its options");
    base::Result<report::Report> report = report::readReport(file);
    if (!report)
        return failed(command,
                      "ended with code " + std::to_string(process.exitCode()) + " and left no report");
    if (endSeconds > 0)
        report->interrupted = true;
    return report;
}

base::Result<report::Report> runChild(const QStringList &command, double secondsMost,
                                      const std::function<bool()> &isStopped)
{
    return runProgram(QCoreApplication::applicationFilePath(), command, secondsMost, isStopped);
}

} // namespace weir::bench
