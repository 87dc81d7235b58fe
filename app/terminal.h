// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include <optional>
#include <QString>
#include <QStringList>
#include <vector>

class QCommandLineParser;

namespace weir::app {

/// How a subcommand ends.
inline constexpr int ExitDone = 0;
inline constexpr int ExitFailure = 1;
inline constexpr int ExitUsage = 2; ///< it was called wrongly

/// A subcommand that is being run, by its whole name ("weir-headless keys create"): it prints what was asked
/// for to stdout, and everything else to stderr.
class Terminal
{
public:
    explicit Terminal(QString command) : m_command(std::move(command)) {}

    const QString &command() const { return m_command; }
    void print(const QString &line) const;
    /// Columns of one width each, the first `textColumns` to the left, numbers to the right.
    void printTable(const std::vector<QStringList> &lines, qsizetype textColumns) const;
    /// To stderr, for a human.
    void remark(const QString &line) const;

    // Say on stderr what is wrong, and return the exit code for it.
    int refuse(const QString &why) const; ///< "… (see --help)"
    int fail(const QString &why) const;
    int fail(const base::Error &error) const; ///< ExitUsage where a value was not accepted

    /// Reads `arguments` into `parser`, to which --help is added; the exit code if there is no more to do.
    std::optional<int> parse(QCommandLineParser &parser, const QStringList &arguments) const;

private:
    const QString m_command;
};

/// Names come from clients and providers: nothing of them may move the terminal's cursor.
QString printable(const QString &text);

} // namespace weir::app
