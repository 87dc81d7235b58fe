// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/outputs.h"
#include "commands/exit_code.h"
#include "report/files.h"
#include "report/html.h"
#include "report/json.h"
#include "report/markdown.h"
#include <cstdio>
#include <QFile>

namespace weir::bench {

namespace {

const QString Json = QStringLiteral("json");
const QString Html = QStringLiteral("html");
const QString Markdown = QStringLiteral("markdown");

} // namespace

Outputs::Outputs(QCommandLineParser &parser) : m_parser(parser)
{
    parser.addOptions(
        {{Json, QStringLiteral("Write everything measured to FILE."), QStringLiteral("FILE")},
         {Html, QStringLiteral("Write a page with charts to FILE."), QStringLiteral("FILE")},
         {Markdown,
          QStringLiteral(
              "Write tables between the two \"measured\" lines of the document FILE, or to a new FILE."),
          QStringLiteral("FILE")}});
}

std::optional<std::string> Outputs::writeMarkdown(const report::Report &report) const
{
    const QString name = m_parser.value(Markdown);
    QFile file(name);
    QByteArray document;
    if (file.exists()) {
        if (!file.open(QIODevice::ReadOnly))
            return (name + QStringLiteral(": ") + file.errorString()).toStdString();
        document = file.readAll();
        file.close();
    }
    const auto written = report::withMeasured(document, report::toMarkdown(report));
    if (!written)
        return name.toStdString() + ": " + written.error().detail;
    return report::writeFile(name, *written);
}

std::optional<std::string> Outputs::write(const report::Report &report) const
{
    std::optional<std::string> trouble;
    if (m_parser.isSet(Json))
        trouble = report::writeFile(m_parser.value(Json), report::toJson(report));
    if (!trouble && m_parser.isSet(Html))
        trouble = report::writeFile(m_parser.value(Html), report::toHtml(report));
    if (!trouble && m_parser.isSet(Markdown))
        trouble = writeMarkdown(report);
    return trouble;
}

std::optional<int> readOptions(QCommandLineParser &parser, const QStringList &arguments, const char *command,
                               const char *wordNames, int words)
{
    const QString usage = QString::fromUtf8(command) + QLatin1Char(' ') + QString::fromUtf8(wordNames);
    parser.addOption({{QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Show this help.")});
    if (!parser.parse(arguments))
        return complain(command, UsageError, parser.errorText().toStdString());
    if (parser.isSet(QStringLiteral("help"))) {
        // Qt's usage line knows nothing of subcommands.
        const QString help = parser.helpText().replace(
            QLatin1String(" [options]"), QLatin1Char(' ') + usage.trimmed() + QLatin1String(" [options]"));
        std::fputs(qUtf8Printable(help), stdout);
        return 0;
    }
    if (parser.positionalArguments().size() != words)
        return complain(command, UsageError,
                        words == 0 ? "\"" + parser.positionalArguments().constFirst().toStdString() +
                                         "\" is not an option."
                                   : "it takes " + std::string(wordNames) + "; --help tells more.");
    return std::nullopt;
}

int complain(const char *command, int code, const std::string &sentence)
{
    std::fprintf(stderr, "weir-bench %s: %s\n", command, sentence.c_str());
    return code;
}

} // namespace weir::bench
