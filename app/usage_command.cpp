// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/usage_command.h"

#include "engine/admin_file.h"
#include "engine/usage_client.h"
#include <array>
#include <cstdio>
#include <QCommandLineParser>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QUrlQuery>
#include <vector>

namespace weir::app {

namespace {

constexpr int ExitFailure = 1;
constexpr int ExitUsage = 2;

struct Column
{
    const char *key; ///< in the report and in CSV
    const char *title;
};
constexpr std::array<Column, 8> Columns{{
    {"requests", "requests"},
    {"errors", "errors"},
    {"estimated", "estimated"},
    {"input", "input"},
    {"cached_input", "of it cached"},
    {"cache_write", "cache write"},
    {"output", "output"},
    {"reasoning", "reasoning"},
}};

/// What it cost, in dollars; "–" where no price is known, with "+" where that is so of some requests only.
QString cost(const QJsonObject &row)
{
    const QJsonValue micros = row[QLatin1String("cost_micros")];
    if (!micros.isDouble())
        return QStringLiteral("–");
    const bool isAll = row[QLatin1String("costed")].toInteger() == row[QLatin1String("requests")].toInteger();
    return QString::number(double(micros.toInteger()) / 1e6, 'f', 4) +
           (isAll ? QString() : QStringLiteral("+"));
}

/// Names come from clients and providers: nothing of them may move the terminal's cursor.
QString printable(QString text)
{
    for (QChar &c : text) {
        if (!c.isPrint())
            c = QLatin1Char('?');
    }
    return text;
}

QString nameOf(const QJsonObject &row)
{
    const QString label = row[QLatin1String("label")].toString();
    return printable(label.isEmpty() ? row[QLatin1String("name")].toString() : label);
}

QString number(const QJsonObject &row, const Column &column)
{
    return QString::number(row[QLatin1String(column.key)].toInteger());
}

void print(const QString &line)
{
    std::printf("%s\n", qUtf8Printable(line));
}

void printCsv(const QJsonObject &report)
{
    QString head = report[QLatin1String("by")].toString();
    for (const Column &column : Columns)
        head += QLatin1Char(',') + QLatin1String(column.key);
    print(head + QLatin1String(",cost_micros,costed"));
    for (const QJsonValue &value : report[QLatin1String("rows")].toArray()) {
        const QJsonObject row = value.toObject();
        QString line = QLatin1Char('"') + nameOf(row).replace(QLatin1Char('"'), QLatin1String("\"\"")) +
                       QLatin1Char('"');
        for (const Column &column : Columns)
            line += QLatin1Char(',') + number(row, column);
        const QJsonValue micros = row[QLatin1String("cost_micros")];
        line += QLatin1Char(',') + (micros.isDouble() ? QString::number(micros.toInteger()) : QString());
        print(line + QLatin1Char(',') + QString::number(row[QLatin1String("costed")].toInteger()));
    }
}

void printTable(const QJsonObject &report)
{
    std::vector<QStringList> lines(1);
    lines.front().append(report[QLatin1String("by")].toString());
    for (const Column &column : Columns)
        lines.front().append(QLatin1String(column.title));
    lines.front().append(QStringLiteral("cost ($)"));
    const auto add = [&](const QString &name, const QJsonObject &row) {
        QStringList line{name};
        for (const Column &column : Columns)
            line.append(number(row, column));
        line.append(cost(row));
        lines.push_back(line);
    };
    for (const QJsonValue &value : report[QLatin1String("rows")].toArray()) {
        const QString name = nameOf(value.toObject());
        add(name.isEmpty() ? QStringLiteral("–") : name, value.toObject());
    }
    add(QStringLiteral("total"), report[QLatin1String("total")].toObject());

    std::array<qsizetype, Columns.size() + 2> widths{};
    for (const QStringList &line : lines) {
        for (qsizetype column = 0; column < line.size(); ++column)
            widths[std::size_t(column)] = std::max(widths[std::size_t(column)], line[column].size());
    }
    for (const QStringList &line : lines) {
        QString text = line.front().leftJustified(int(widths.front()));
        for (qsizetype column = 1; column < line.size(); ++column)
            text += QStringLiteral("  ") + line[column].rightJustified(int(widths[std::size_t(column)]));
        print(text);
    }
}

} // namespace

int usageCommand(const QString &program, const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("What has been used, from the running Weir or from what it "
                       "has saved."));
    const QCommandLineOption by(
        QStringLiteral("by"),
        QStringLiteral("Add up by model (the default), key, caller, tool, provider or day."),
        QStringLiteral("WHAT"), QStringLiteral("model"));
    const QCommandLineOption since(QStringLiteral("since"),
                                   QStringLiteral("From then on: a date, or so long ago (90m, 24h, 7d)."),
                                   QStringLiteral("WHEN"));
    const QCommandLineOption until(QStringLiteral("until"), QStringLiteral("Up to then."),
                                   QStringLiteral("WHEN"));
    const QCommandLineOption json(QStringLiteral("json"), QStringLiteral("Print JSON."));
    const QCommandLineOption csv(QStringLiteral("csv"), QStringLiteral("Print CSV."));
    const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")},
                                  QStringLiteral("Show this help."));
    parser.addOptions({by, since, until, json, csv, help});
    const auto complain = [&](const QString &why, int code) {
        std::fprintf(stderr, "%s: %s\n", qUtf8Printable(program), qUtf8Printable(why));
        return code;
    };
    const QString hint = QStringLiteral(" (see usage --help)");
    if (!parser.parse(QStringList{program + QStringLiteral(" usage")} + arguments))
        return complain(parser.errorText() + hint, ExitUsage);
    if (parser.isSet(help)) {
        std::printf("%s", qUtf8Printable(parser.helpText()));
        return 0;
    }
    if (!parser.positionalArguments().isEmpty()) {
        return complain(
            QStringLiteral("unexpected argument '%1'").arg(parser.positionalArguments().constFirst()) + hint,
            ExitUsage);
    }
    if (parser.isSet(json) && parser.isSet(csv))
        return complain(QStringLiteral("--json and --csv exclude each other") + hint, ExitUsage);

    QUrlQuery query{{QStringLiteral("by"), parser.value(by)}};
    if (parser.isSet(since))
        query.addQueryItem(QStringLiteral("since"), parser.value(since));
    if (parser.isSet(until))
        query.addQueryItem(QStringLiteral("until"), parser.value(until));
    const auto answer =
        engine::askUsage(engine::databasePath(), query.toString(QUrl::FullyEncoded).toStdString());
    if (!answer && answer.error().code == base::Errc::NotStored) {
        return complain(QStringLiteral("no usage has been saved yet, there is no ") +
                            QString::fromStdString(answer.error().detail),
                        ExitFailure);
    }
    if (!answer) {
        return complain(QString::fromStdString(base::describe(answer.error())),
                        answer.error().code == base::Errc::QueryInvalid ? ExitUsage : ExitFailure);
    }
    const QJsonObject report = QJsonDocument::fromJson(*answer).object();
    if (parser.isSet(json))
        print(QString::fromUtf8(*answer));
    else if (parser.isSet(csv))
        printCsv(report);
    else
        printTable(report);
    return 0;
}

} // namespace weir::app
