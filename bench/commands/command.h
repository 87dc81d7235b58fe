// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "commands/exit_code.h"
#include "commands/stop_flag.h"
#include "load/run.h"
#include "report/report.h"
#include "subjects/rig.h"
#include <initializer_list>
#include <memory>
#include <optional>
#include <QCommandLineParser>
#include <QStringList>
#include <string>
#include <vector>

namespace weir::bench {

/// An option of a command. Texts live as long as the program.
struct Option
{
    const char *name;
    const char *help;
    const char *value = nullptr;    ///< what its value is called in the help; null: it is a switch
    const char *standard = nullptr; ///< the value if it is not given
    const char *quick = nullptr;    ///< the same with --quick, if that is another one
};

/// What all measuring commands have in common: options, the subjects that are compared, progress, Ctrl-C, and
/// the report with its exit code. One per run of the program, in its main thread. Errors are told on standard
/// error in one sentence.
class Command
{
public:
    /// `own` are its options besides the common ones.
    Command(const char *name, const char *description, std::initializer_list<Option> own);
    ~Command();

    /// `arguments` begin with the program's name. The exit code if there is nothing to run.
    std::optional<int> read(const QStringList &arguments);

    bool isSet(const char *option) const;
    QString text(const char *option) const;
    /// A number within these bounds; else nothing, after complaining.
    std::optional<double> number(const char *option, double least, double most) const;
    /// "90", "90s", "5m" or "1h" in seconds, within these bounds; else nothing, after complaining.
    std::optional<double> seconds(const char *option, double least, double most) const;
    /// Numbers separated by commas, each within these bounds; else nothing, after complaining.
    std::optional<std::vector<std::size_t>> numbers(const char *option, double least, double most) const;

    /// What start() will start, as the options say; a command may add to it.
    subjects::RigPlan &plan() { return m_plan; }
    /// Starts what is compared. The exit code if that did not work.
    std::optional<int> start();
    /// Only after start().
    subjects::Rig &rig() { return *m_rig; }
    /// "direct", then Weir, then the peers. Only after start().
    std::vector<subjects::Subject *> subjects() const { return m_rig->subjects(); }

    /// Shows what is going on on a terminal, and ends it at Ctrl-C or when one of `watched` is in trouble.
    load::Control control(const QString &step, std::vector<subjects::Subject *> watched);
    /// Whether Ctrl-C was pressed: what was measured until then is to be reported.
    bool isStopped() const { return StopFlag::isRaised(); }

    report::Report &report() { return m_report; }
    /// Prints the report, writes the files asked for. The exit code: failures and broken arms are an error.
    int finish();

    int refuse(const QString &sentence) const { return complain(UsageError, sentence); }
    int fail(const base::Error &error) const;

private:
    int complain(int code, const QString &sentence) const;
    std::optional<int> readSubjects();
    std::optional<double> inBounds(const char *option, std::optional<double> value, const char *kind,
                                   double least, double most) const;

    const QString m_name;
    QCommandLineParser m_parser;
    std::vector<Option> m_options;
    subjects::RigPlan m_plan;
    StopFlag m_stopFlag;
    std::unique_ptr<subjects::Rig> m_rig;
    report::Report m_report;
};

} // namespace weir::bench
