// SPDX-License-Identifier: GPL-3.0-or-later
#include "repeat_options.h"

#include "commands/exit_code.h"
#include "report/this_run.h"
#include <cmath>
#include <cstdio>

namespace weir::bench {

RepeatOptions::RepeatOptions(const char *command, const char *description, int repetitions, double seconds)
    : m_command(QString::fromLatin1(command)), m_repetitions(repetitions), m_seconds(seconds)
{
    m_parser.setApplicationDescription(QString::fromUtf8(description));
    m_parser.addOptions({
        {QStringLiteral("repetitions"), QStringLiteral("How often each is measured, all by turns."),
         QStringLiteral("N"), QString::number(repetitions)},
        {QStringLiteral("seconds"), QStringLiteral("How long each of these takes at least."),
         QStringLiteral("S"), QString::number(seconds)},
        {QStringLiteral("help"), QStringLiteral("Show this help.")},
    });
}

std::optional<int> RepeatOptions::read(const QStringList &arguments)
{
    if (!m_parser.parse(arguments))
        return complain(UsageError, m_parser.errorText());
    if (m_parser.isSet(QStringLiteral("help"))) {
        // Qt's usage line knows nothing of subcommands.
        const QString help = m_parser.helpText().replace(
            QLatin1String(" [options]"), QLatin1Char(' ') + m_command + QLatin1String(" [options]"));
        std::fputs(qUtf8Printable(help), stdout);
        return 0;
    }
    if (!m_parser.positionalArguments().isEmpty())
        return complain(
            UsageError,
            QStringLiteral("\"%1\" is not an option.").arg(m_parser.positionalArguments().constFirst()));
    const auto repetitions = number("repetitions", 1, RepetitionsMost, true);
    const auto seconds = repetitions ? number("seconds", SecondsLeast, SecondsMost, false) : std::nullopt;
    if (!seconds)
        return UsageError;
    m_repetitions = int(*repetitions);
    m_seconds = *seconds;
    QStringList line = arguments;
    line.insert(1, m_command);
    m_run = report::describeRun(line);
    return std::nullopt;
}

int RepeatOptions::write(const report::Report &report) const
{
    const auto trouble = m_outputs.write(report);
    return trouble ? complain(RunError, QString::fromStdString(*trouble)) : 0;
}

int RepeatOptions::complain(int code, const QString &sentence) const
{
    std::fprintf(stderr, "weir-bench %s: %s\n", qUtf8Printable(m_command), qUtf8Printable(sentence));
    return code;
}

std::optional<double> RepeatOptions::number(const char *name, double least, double most, bool isWhole) const
{
    const QString text = m_parser.value(QString::fromLatin1(name));
    bool isNumber = false;
    const double value = text.toDouble(&isNumber);
    if (isNumber && value >= least && value <= most && (!isWhole || value == std::floor(value)))
        return value;
    complain(UsageError, QStringLiteral("--%1 takes a %2 from %3 to %4, not \"%5\".")
                             .arg(QString::fromLatin1(name),
                                  isWhole ? QStringLiteral("whole number") : QStringLiteral("number"))
                             .arg(least)
                             .arg(most)
                             .arg(text));
    return std::nullopt;
}

} // namespace weir::bench
