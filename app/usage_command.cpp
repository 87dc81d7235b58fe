// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/usage_command.h"

#include "app/terminal.h"
#include "base/csv.h"
#include "engine/admin_file.h"
#include "engine/store_client.h"
#include <array>
#include <QCommandLineParser>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QUrlQuery>
#include <vector>

namespace weir::app {

namespace {

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

/// What no provider was asked for, with the reasons; "" if that is nothing.
QString refused(const QJsonObject &report)
{
    QStringList reasons;
    for (const QJsonValue &value : report[QLatin1String("refused_reasons")].toArray()) {
        reasons.append(printable(value[QLatin1String("reason")].toString()) + QLatin1Char(' ') +
                       QString::number(value[QLatin1String("requests")].toInteger()));
    }
    if (reasons.isEmpty())
        return {};
    return QStringLiteral("refused by Weir, no provider was asked: %1 (%2)")
        .arg(report[QLatin1String("refused")].toInteger())
        .arg(reasons.join(QLatin1String(", ")));
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

void printCsv(const Terminal &terminal, const QJsonObject &report)
{
    QString head = report[QLatin1String("by")].toString();
    for (const Column &column : Columns)
        head += QLatin1Char(',') + QLatin1String(column.key);
    terminal.print(head + QLatin1String(",cost_micros,costed,refused"));
    QJsonArray rows = report[QLatin1String("rows")].toArray();
    if (const qint64 refused = report[QLatin1String("refused")].toInteger(); refused > 0) {
        rows.append(QJsonObject{{QStringLiteral("name"), QStringLiteral("refused by Weir")},
                                {QStringLiteral("refused"), refused}});
    }
    for (const QJsonValue &value : rows) {
        const QJsonObject row = value.toObject();
        QString line = QString::fromStdString(base::csvText(nameOf(row).toStdString()));
        for (const Column &column : Columns)
            line += QLatin1Char(',') + number(row, column);
        const QJsonValue micros = row[QLatin1String("cost_micros")];
        line += QLatin1Char(',') + (micros.isDouble() ? QString::number(micros.toInteger()) : QString());
        line += QLatin1Char(',') + QString::number(row[QLatin1String("costed")].toInteger());
        terminal.print(line + QLatin1Char(',') + QString::number(row[QLatin1String("refused")].toInteger()));
    }
}

void printTable(const Terminal &terminal, const QJsonObject &report)
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

    terminal.printTable(lines, 1);
    if (const QString line = refused(report); !line.isEmpty())
        terminal.print(line);
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
    parser.addOptions({by, since, until, json, csv});
    const Terminal terminal(program + QStringLiteral(" usage"));
    if (const auto end = terminal.parse(parser, arguments))
        return *end;
    if (!parser.positionalArguments().isEmpty()) {
        return terminal.refuse(
            QStringLiteral("unexpected argument '%1'").arg(parser.positionalArguments().constFirst()));
    }
    if (parser.isSet(json) && parser.isSet(csv))
        return terminal.refuse(QStringLiteral("--json and --csv exclude each other"));

    QUrlQuery query{{QStringLiteral("by"), parser.value(by)}};
    if (parser.isSet(since))
        query.addQueryItem(QStringLiteral("since"), parser.value(since));
    if (parser.isSet(until))
        query.addQueryItem(QStringLiteral("until"), parser.value(until));
    pipeline::Question question;
    question.target = "/stats/all?" + query.toString(QUrl::FullyEncoded).toStdString();
    const auto answer = engine::askStore(engine::databasePath(), question);
    if (!answer && answer.error().code == base::Errc::NotStored) {
        return terminal.fail(QStringLiteral("no usage has been saved yet, there is no ") +
                             QString::fromStdString(answer.error().detail));
    }
    if (!answer)
        return terminal.fail(answer.error());
    const QJsonObject report = QJsonDocument::fromJson(*answer).object();
    if (parser.isSet(json))
        terminal.print(QString::fromUtf8(*answer));
    else if (parser.isSet(csv))
        printCsv(terminal, report);
    else
        printTable(terminal, report);
    return ExitDone;
}

} // namespace weir::app
