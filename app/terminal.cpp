// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal.h"

#include <algorithm>
#include <cstdio>
#include <QCommandLineParser>
#include <QCoreApplication>

namespace weir::app {

namespace {

/// In characters, not in units of UTF-16.
qsizetype widthOf(const QString &text)
{
    return text.toUcs4().size();
}

QString padded(const QString &text, qsizetype width, bool isLeft)
{
    const QString gap(std::max<qsizetype>(width - widthOf(text), 0), QLatin1Char(' '));
    return isLeft ? text + gap : gap + text;
}

QString textOf(const base::Error &error)
{
    return QString::fromStdString(base::describe(error));
}

} // namespace

void Terminal::print(const QString &line) const
{
    std::printf("%s\n", qUtf8Printable(line));
}

void Terminal::printTable(const std::vector<QStringList> &lines, qsizetype textColumns) const
{
    std::vector<qsizetype> widths;
    for (const QStringList &line : lines) {
        widths.resize(std::max(widths.size(), std::size_t(line.size())));
        for (qsizetype column = 0; column < line.size(); ++column)
            widths[std::size_t(column)] = std::max(widths[std::size_t(column)], widthOf(line[column]));
    }
    for (const QStringList &line : lines) {
        QStringList cells;
        for (qsizetype column = 0; column < line.size(); ++column)
            cells += padded(line[column], widths[std::size_t(column)], column < textColumns);
        QString text = cells.join(QStringLiteral("  "));
        while (text.endsWith(QLatin1Char(' ')))
            text.chop(1);
        print(text);
    }
}

void Terminal::remark(const QString &line) const
{
    std::fprintf(stderr, "%s\n", qUtf8Printable(line));
}

int Terminal::refuse(const QString &why) const
{
    remark(m_command + QStringLiteral(": ") + why + QStringLiteral(" (see --help)"));
    return ExitUsage;
}

int Terminal::fail(const QString &why) const
{
    remark(m_command + QStringLiteral(": ") + why);
    return ExitFailure;
}

int Terminal::fail(const base::Error &error) const
{
    fail(textOf(error));
    const bool isWrongUse = error.code == base::Errc::QueryInvalid || error.code == base::Errc::FieldInvalid;
    return isWrongUse ? ExitUsage : ExitFailure;
}

std::optional<int> Terminal::parse(QCommandLineParser &parser, const QStringList &arguments) const
{
    const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")},
                                  QStringLiteral("Show this help."));
    parser.addOption(help);
    if (!parser.parse(QStringList{m_command} + arguments)) {
        QString why = parser.errorText();
        if (why.endsWith(QLatin1Char('.')))
            why.chop(1);
        return refuse(why);
    }
    if (!parser.isSet(help))
        return std::nullopt;
    QString text = parser.helpText(); // which names the program only
    text.replace(QStringLiteral("Usage: ") + QCoreApplication::arguments().constFirst(),
                 QStringLiteral("Usage: ") + m_command);
    std::printf("%s", qUtf8Printable(text));
    return ExitDone;
}

QString printable(const QString &text)
{
    QString shown;
    for (const uint character : text.toUcs4())
        shown += QChar::isPrint(character)
                     ? QString::fromUcs4(reinterpret_cast<const char32_t *>(&character), 1)
                     : QStringLiteral("?");
    return shown;
}

} // namespace weir::app
