// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/access_key_row.h"

#include "ui/format.h"
#include <algorithm>
#include <QCoreApplication>
#include <QJsonArray>

namespace weir::ui {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("AccessKeyRow", text);
}

std::optional<QDateTime> readTime(const QJsonValue &value)
{
    const QDateTime time = QDateTime::fromString(value.toString(), Qt::ISODateWithMs);
    return time.isValid() ? std::optional(time) : std::nullopt;
}

std::optional<qint64> readLimit(const QJsonValue &value)
{
    return value.isDouble() ? std::optional(value.toInteger()) : std::nullopt;
}

AccessKeyRow::Limits readLimits(const QJsonObject &json)
{
    AccessKeyRow::Limits limits;
    limits.tokensPerWindow = readLimit(json[QLatin1String("tokens_per_window")]);
    limits.windowMs = json[QLatin1String("window_ms")].toInteger(limits.windowMs);
    limits.tokensPerDay = readLimit(json[QLatin1String("tokens_per_day")]);
    limits.tokensPerMinute = readLimit(json[QLatin1String("tokens_per_minute")]);
    limits.requestsPerMinute = readLimit(json[QLatin1String("requests_per_minute")]);
    limits.concurrent = readLimit(json[QLatin1String("concurrent")]);
    return limits;
}

} // namespace

AccessKeyRow readAccessKey(const QJsonObject &json)
{
    AccessKeyRow key;
    key.id = json[QLatin1String("id")].toInteger();
    key.label = json[QLatin1String("label")].toString();
    key.prefix = json[QLatin1String("prefix")].toString();
    key.provider = json[QLatin1String("provider")].toString();
    key.model = json[QLatin1String("model")].toString();
    for (const QJsonValue &model : json[QLatin1String("allowed_models")].toArray())
        key.allowedModels += model.toString();
    key.isBackground = json[QLatin1String("priority")].toString() == QLatin1String("background");
    key.isPaused = json[QLatin1String("paused")].toBool();
    key.isExpired = json[QLatin1String("expired")].toBool();
    key.createdAt = readTime(json[QLatin1String("created_at")]);
    key.expiresAt = readTime(json[QLatin1String("expires_at")]);
    key.lastUsedAt = readTime(json[QLatin1String("last_used_at")]);
    key.limits = readLimits(json[QLatin1String("limits")].toObject());
    const QJsonObject lately = json[QLatin1String("last_24h")].toObject();
    key.requests24h = lately[QLatin1String("requests")].toInteger();
    key.tokens24h = lately[QLatin1String("tokens")].toInteger();
    return key;
}

std::vector<AccessKeyRow> readAccessKeys(const QJsonObject &answer)
{
    std::vector<AccessKeyRow> keys;
    for (const QJsonValue &value : answer[QLatin1String("keys")].toArray())
        keys.push_back(readAccessKey(value.toObject()));
    std::sort(keys.begin(), keys.end(), [](const auto &a, const auto &b) { return a.id < b.id; });
    return keys;
}

QString keyStateText(const AccessKeyRow &key, const metrics::KeyState *live)
{
    const QString word = key.isExpired ? tr("expired") : key.isPaused ? tr("paused") : tr("active");
    return live && live->running > 0 ? tr("%1, %2 running").arg(word).arg(live->running) : word;
}

QString keyLimitsText(const AccessKeyRow &key)
{
    QStringList parts;
    const auto add = [&](const std::optional<qint64> &limit, const QString &text) {
        if (limit)
            parts += text.arg(format::count(std::uint64_t(*limit)));
    };
    add(key.limits.tokensPerWindow,
        tr("%1 tokens per %2").arg(QStringLiteral("%1"), format::span(key.limits.windowMs)));
    add(key.limits.tokensPerDay, tr("%1 tokens per day"));
    add(key.limits.tokensPerMinute, tr("%1 tokens per minute"));
    add(key.limits.requestsPerMinute, tr("%1 requests per minute"));
    add(key.limits.concurrent, tr("%1 at a time"));
    return parts.isEmpty() ? tr("none") : parts.join(QStringLiteral(", "));
}

QString keyRulesText(const AccessKeyRow &key)
{
    QStringList parts;
    parts += key.provider.isEmpty() ? tr("provider: as routed") : tr("provider: %1").arg(key.provider);
    if (!key.model.isEmpty())
        parts += tr("model: always %1").arg(key.model);
    parts += key.allowedModels.isEmpty() ? tr("all models")
                                         : tr("only %1").arg(key.allowedModels.join(QStringLiteral(", ")));
    if (key.isBackground)
        parts += tr("background");
    if (key.expiresAt)
        parts += (key.isExpired ? tr("expired %1") : tr("expires %1")).arg(format::dateTime(key.expiresAt));
    parts += tr("limits: %1").arg(keyLimitsText(key));
    return parts.join(QStringLiteral("  ·  "));
}

} // namespace weir::ui
