// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "report/report.h"
#include <optional>
#include <QCommandLineParser>
#include <string>

namespace weir::bench {

/// Where a report goes besides the terminal: the options --json, --html and --markdown of a command.
class Outputs
{
public:
    /// Adds the options to `parser`, which is borrowed for this object's life.
    explicit Outputs(QCommandLineParser &parser);

    /// Writes what was asked for. Nothing, or the sentence that says what could not be written.
    std::optional<std::string> write(const report::Report &report) const;

private:
    std::optional<std::string> writeMarkdown(const report::Report &report) const;

    QCommandLineParser &m_parser;
};

/// Parses the options of a command that starts nothing itself; `words` is how many words besides options it
/// takes. The exit code if there is nothing to do; it has been said why.
std::optional<int> readOptions(QCommandLineParser &parser, const QStringList &arguments, const char *command,
                               const char *wordNames, int words);
/// Says on standard error what is wrong and returns `code`.
int complain(const char *command, int code, const std::string &sentence);

} // namespace weir::bench
