// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "keys/access_key.h"
#include <QByteArray>
#include <QJsonObject>
#include <string>

namespace weir::store {
struct UsageSum;
}

namespace weir::engine {

/// Bounds of what can be set of an access key. A count of 0 is none: to stop a key there is a pause.
inline constexpr qsizetype LabelMax = 100; ///< characters
inline constexpr std::size_t ProviderNameMax = 100;
inline constexpr qsizetype AllowedModelsMax = 1'000;
inline constexpr std::int64_t LimitMax = keys::RollingWindow::AmountMax;
inline constexpr std::chrono::milliseconds WindowMin = std::chrono::seconds(1); ///< at most keys::WindowMax

/// `key` with what `json`, an object, says of it: "label", "provider", "model", "allowed_models", "priority",
/// "paused", "expires_at", "limits" {"tokens_per_window", "window_ms", "tokens_per_day", "tokens_per_minute",
/// "requests_per_minute", "concurrent"}. What is left out stays; null takes away. Whatever is not exactly
/// that is FieldInvalid, which names the field and what would do. Whether the label is taken and the provider
/// known is for the desk to say (answerAboutKeys()). Pure.
base::Result<keys::AccessKey> withFields(keys::AccessKey key, const QByteArray &json);

/// A key as the pages tell of it; docs/keys.md lists the fields. It holds neither the key nor its hash.
QJsonObject keyObject(const keys::AccessKey &key, const store::UsageSum &lastDay, base::WallMs now);

/// "2026-11-24T09:00:00.000Z".
QJsonValue timeValue(base::WallMs at);
QJsonValue timeValue(std::optional<base::WallMs> at); ///< or null

} // namespace weir::engine
