// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "commands/outputs.h"
#include <optional>
#include <QCommandLineParser>
#include <QStringList>

namespace weir::bench {

/// Options of the commands that measure inside this process: how often and for how long.
class RepeatOptions
{
public:
    static constexpr int RepetitionsMost = 1000;
    static constexpr double SecondsLeast = 0.001;
    static constexpr double SecondsMost = 60;

    /// `command` is the subcommand's name; the two numbers are the defaults.
    RepeatOptions(const char *command, const char *description, int repetitions, double seconds);

    /// To add more before read().
    QCommandLineParser &parser() { return m_parser; }

    /// The exit code if there is nothing to run; it has been said why.
    std::optional<int> read(const QStringList &arguments);

    int repetitions() const { return m_repetitions; }
    double seconds() const { return m_seconds; }

    /// A report of this run without sections. Only after read().
    const report::Report &run() const { return m_run; }
    /// Writes where --json, --html and --markdown say; the exit code.
    int write(const report::Report &report) const;

    /// Says what is wrong on standard error and returns `code`.
    int complain(int code, const QString &sentence) const;

private:
    std::optional<double> number(const char *name, double least, double most, bool isWhole) const;

    const QString m_command;
    QCommandLineParser m_parser;
    const Outputs m_outputs{m_parser};
    report::Report m_run;
    int m_repetitions;
    double m_seconds;
};

} // namespace weir::bench
