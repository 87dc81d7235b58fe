// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/key_table.h"

#include "app/terminal.h"
#include <array>
#include <QDateTime>
#include <utility>

namespace weir::app {

namespace {

/// "18000000" as "5h".
QString lengthText(qint64 ms)
{
    constexpr std::array<std::pair<qint64, char>, 3> Units{
        {{86'400'000, 'd'}, {3'600'000, 'h'}, {60'000, 'm'}}};
    for (const auto &[unit, letter] : Units) {
        if (ms % unit == 0)
            return QString::number(ms / unit) + QLatin1Char(letter);
    }
    return QStringLiteral("%1s").arg(double(ms) / 1'000);
}

QString limitsText(const QJsonObject &limits)
{
    const QString window = lengthText(limits[QLatin1String("window_ms")].toInteger());
    const std::array<std::pair<const char *, QString>, 5> rows{{
        {"tokens_per_window", QStringLiteral(" tokens/") + window},
        {"tokens_per_day", QStringLiteral(" tokens/day")},
        {"tokens_per_minute", QStringLiteral(" tokens/min")},
        {"requests_per_minute", QStringLiteral(" requests/min")},
        {"concurrent", QStringLiteral(" at once")},
    }};
    QStringList texts;
    for (const auto &[field, unit] : rows) {
        const QJsonValue most = limits[QLatin1String(field)];
        if (!most.isNull())
            texts += QString::number(most.toInteger()) + unit;
    }
    return texts.isEmpty() ? QStringLiteral("–") : texts.join(QStringLiteral(", "));
}

QString stateText(const QJsonObject &key)
{
    if (key[QLatin1String("expired")].toBool())
        return QStringLiteral("expired");
    return key[QLatin1String("paused")].toBool() ? QStringLiteral("paused") : QStringLiteral("in use");
}

/// The provider and model that its owner has set: "zai: glm-5".
QString overrideText(const QJsonObject &key)
{
    QStringList texts{key[QLatin1String("provider")].toString(), key[QLatin1String("model")].toString()};
    texts.removeAll(QString());
    return texts.isEmpty() ? QStringLiteral("–") : printable(texts.join(QStringLiteral(": ")));
}

QString timeText(const QJsonValue &value)
{
    const QDateTime time = QDateTime::fromString(value.toString(), Qt::ISODateWithMs).toLocalTime();
    return time.isValid() ? time.toString(QStringLiteral("yyyy-MM-dd HH:mm")) : QStringLiteral("–");
}

} // namespace

QStringList keyTableHead()
{
    return {QStringLiteral("id"),         QStringLiteral("label"),     QStringLiteral("begins with"),
            QStringLiteral("state"),      QStringLiteral("sent to"),   QStringLiteral("limits"),
            QStringLiteral("expires"),    QStringLiteral("last used"), QStringLiteral("requests 24 h"),
            QStringLiteral("tokens 24 h")};
}

QStringList keyTableLine(const QJsonObject &key)
{
    const auto textOrDash = [&](const char *field) {
        const QString text = printable(key[QLatin1String(field)].toString());
        return text.isEmpty() ? QStringLiteral("–") : text;
    };
    const QJsonObject day = key[QLatin1String("last_24h")].toObject();
    return {QString::number(key[QLatin1String("id")].toInteger()),
            textOrDash("label"),
            textOrDash("prefix"),
            stateText(key),
            overrideText(key),
            limitsText(key[QLatin1String("limits")].toObject()),
            timeText(key[QLatin1String("expires_at")]),
            timeText(key[QLatin1String("last_used_at")]),
            QString::number(day[QLatin1String("requests")].toInteger()),
            QString::number(day[QLatin1String("tokens")].toInteger())};
}

} // namespace weir::app
