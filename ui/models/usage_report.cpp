// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a report, and what else is made of it: CSV, days.
#include "ui/models/usage_model.h"

#include "base/csv.h"
#include <algorithm>
#include <array>
#include <QJsonArray>
#include <QMap>

namespace weir::ui {

namespace {

struct CsvColumn
{
    const char *title;
    qint64 UsageRow::*value;
};

constexpr std::array CsvColumns{
    CsvColumn{"requests", &UsageRow::requests},
    CsvColumn{"errors", &UsageRow::errors},
    CsvColumn{"estimated", &UsageRow::estimated},
    CsvColumn{"input", &UsageRow::input},
    CsvColumn{"cached_input", &UsageRow::cachedInput},
    CsvColumn{"cache_write", &UsageRow::cacheWrite},
    CsvColumn{"output", &UsageRow::output},
    CsvColumn{"reasoning", &UsageRow::reasoning},
};

UsageRow readRow(const QJsonObject &json)
{
    UsageRow row;
    const QString label = json[QLatin1String("label")].toString();
    row.name = label.isEmpty() ? json[QLatin1String("name")].toString() : label;
    for (const CsvColumn &column : CsvColumns)
        row.*column.value = json[QLatin1String(column.title)].toInteger();
    if (const QJsonValue cost = json[QLatin1String("cost_micros")]; cost.isDouble())
        row.costMicros = cost.toInteger();
    if (const QJsonValue costed = json[QLatin1String("costed")]; costed.isDouble())
        row.isCostPartial = row.costMicros && costed.toInteger() < row.requests;
    return row;
}

} // namespace

UsageReport readUsageReport(const QJsonObject &answer)
{
    UsageReport report;
    report.by = answer[QLatin1String("by")].toString();
    for (const QJsonValue &value : answer[QLatin1String("rows")].toArray())
        report.rows.push_back(readRow(value.toObject()));
    report.total = readRow(answer[QLatin1String("total")].toObject());
    return report;
}

QByteArray usageCsv(const UsageReport &report)
{
    QByteArray text = report.by.toUtf8();
    for (const CsvColumn &column : CsvColumns)
        text += ',' + QByteArray(column.title);
    text += ",cost_micros\r\n"; // of a US dollar
    for (const UsageRow &row : report.rows) {
        text += QByteArray::fromStdString(base::csvText(row.name.toStdString()));
        for (const CsvColumn &column : CsvColumns)
            text += ',' + QByteArray::number(row.*column.value);
        text += ',' + (row.costMicros ? QByteArray::number(*row.costMicros) : QByteArray()) + "\r\n";
    }
    return text;
}

std::vector<UsageDay> usageDays(const UsageReport &byDay, QDate from, QDate today)
{
    QMap<QDate, UsageDay> known;
    for (const UsageRow &row : byDay.rows) {
        const QDate day = QDate::fromString(row.name, Qt::ISODate);
        if (day.isValid())
            known[day] = {day, std::max<qint64>(0, row.input - row.cachedInput), row.cachedInput, row.output};
    }
    if (!from.isValid())
        from = known.isEmpty() ? today : known.firstKey();
    from = std::max(from, today.addDays(1 - UsageDaysMax));
    std::vector<UsageDay> days;
    for (QDate day = from; day <= today; day = day.addDays(1))
        days.push_back(known.value(day, UsageDay{day}));
    return days;
}

} // namespace weir::ui
