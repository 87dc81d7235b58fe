// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/key_state.h"
#include <optional>
#include <QDateTime>
#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <vector>

namespace weir::ui {

/// What is kept of one access key, as /admin/keys tells it. Never the key itself.
struct AccessKeyRow
{
    struct Limits
    {
        std::optional<qint64> tokensPerWindow;
        qint64 windowMs = 5 * 3'600'000LL;
        std::optional<qint64> tokensPerDay;
        std::optional<qint64> tokensPerMinute;
        std::optional<qint64> requestsPerMinute;
        std::optional<qint64> concurrent;
    };

    qint64 id = 0;
    QString label;
    QString prefix;
    QString provider; ///< "" = as the route says
    QString model;    ///< "" = the request's
    QStringList allowedModels;
    bool isBackground = false;
    bool isPaused = false;
    bool isExpired = false;
    std::optional<QDateTime> createdAt;
    std::optional<QDateTime> expiresAt;
    std::optional<QDateTime> lastUsedAt;
    Limits limits;
    qint64 requests24h = 0;
    qint64 tokens24h = 0;
};

AccessKeyRow readAccessKey(const QJsonObject &json);
/// The answer to GET /admin/keys, oldest first.
std::vector<AccessKeyRow> readAccessKeys(const QJsonObject &answer);

/// "active", "active, 2 running", "paused", "expired". `live` may be null.
QString keyStateText(const AccessKeyRow &key, const metrics::KeyState *live);
/// Every limit in words, "100 k tokens per 5 h, 4 at a time"; "none".
QString keyLimitsText(const AccessKeyRow &key);
/// What it may and does: provider, models, priority, expiry, limits.
QString keyRulesText(const AccessKeyRow &key);

} // namespace weir::ui
