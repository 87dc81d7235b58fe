// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/key_json.h"

#include "llm/limits.h"
#include "store/usage_query.h"
#include <algorithm>
#include <array>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>

namespace weir::engine {

using base::Errc;
using base::Result;
using keys::AccessKey;
using keys::Limits;

namespace {

bool isClean(const QString &text)
{
    return text.isValidUtf16() && std::none_of(text.begin(), text.end(), [](QChar c) {
               return c.category() == QChar::Other_Control || c.category() == QChar::Separator_Line ||
                      c.category() == QChar::Separator_Paragraph;
           });
}

/// A name as others made it, of `bytesMax` at most; null takes it away.
bool putName(std::string &name, const QJsonValue &value, std::size_t bytesMax)
{
    if (value.isNull()) {
        name.clear();
        return true;
    }
    const QString text = value.toString();
    name = text.toStdString();
    return value.isString() && !name.empty() && name.size() <= bytesMax && isClean(text);
}

bool putLabel(AccessKey &key, const QJsonValue &value)
{
    const QString text = value.toString();
    key.label = text.toStdString();
    return !text.trimmed().isEmpty() && text.toUcs4().size() <= LabelMax && isClean(text);
}

bool putProvider(AccessKey &key, const QJsonValue &value)
{
    return putName(key.provider, value, ProviderNameMax);
}

bool putModel(AccessKey &key, const QJsonValue &value)
{
    return putName(key.model, value, llm::ModelNameMax);
}

bool putAllowedModels(AccessKey &key, const QJsonValue &value)
{
    const QJsonArray list = value.toArray();
    if (!value.isArray() || list.size() > AllowedModelsMax)
        return false;
    key.allowedModels.clear();
    for (const QJsonValue &each : list) {
        if (each.isNull() || !putName(key.allowedModels.emplace_back(), each, llm::ModelNameMax))
            return false;
    }
    return true;
}

bool putPriority(AccessKey &key, const QJsonValue &value)
{
    key.isBackground = value.toString() == QLatin1String("background");
    return key.isBackground || value.toString() == QLatin1String("interactive");
}

bool putPaused(AccessKey &key, const QJsonValue &value)
{
    key.isPaused = value.toBool();
    return value.isBool();
}

bool putExpiry(AccessKey &key, const QJsonValue &value)
{
    if (value.isNull()) {
        key.expiresAt.reset();
        return true;
    }
    // Without an offset it would mean another moment on another machine.
    const QDateTime time = QDateTime::fromString(value.toString(), Qt::ISODateWithMs);
    key.expiresAt = time.toMSecsSinceEpoch();
    return time.isValid() && time.timeSpec() != Qt::LocalTime;
}

template<std::optional<std::int64_t> Limits::*Member>
bool putCount(Limits &limits, const QJsonValue &value)
{
    if (value.isNull()) {
        (limits.*Member).reset();
        return true;
    }
    const std::int64_t count = value.toInteger(0);
    limits.*Member = count;
    return count >= 1 && count <= LimitMax;
}

bool putWindow(Limits &limits, const QJsonValue &value)
{
    const std::chrono::milliseconds window(value.toInteger(0));
    const bool isAllowed = window >= WindowMin && window <= keys::WindowMax;
    if (value.isNull())
        limits.window = Limits{}.window;
    else if (isAllowed)
        limits.window = window;
    return value.isNull() || isAllowed;
}

/// A field of a `What`: where it is put, and which values it may have. put() is false for any other.
template<typename What>
struct Field
{
    const char *name;
    bool (*put)(What &, const QJsonValue &);
    const char *wanted;
};

constexpr const char *ACount = "a whole number from 1 to 4503599627370496, or null for no limit";
static_assert(LimitMax == 4'503'599'627'370'496);

constexpr std::array<Field<Limits>, 6> LimitFields{{
    {"tokens_per_window", putCount<&Limits::tokensPerWindow>, ACount},
    {"window_ms", putWindow,
     "a whole number from 1000 (a second) to 604800000 (7 days), or null for 5 hours"},
    {"tokens_per_day", putCount<&Limits::tokensPerDay>, ACount},
    {"tokens_per_minute", putCount<&Limits::tokensPerMinute>, ACount},
    {"requests_per_minute", putCount<&Limits::requestsPerMinute>, ACount},
    {"concurrent", putCount<&Limits::concurrent>, ACount},
}};
static_assert(WindowMin.count() == 1'000 && keys::WindowMax == std::chrono::milliseconds(604'800'000));

constexpr std::array<Field<AccessKey>, 7> KeyFields{{
    {"label", putLabel, "a text of 1 to 100 characters without control characters"},
    {"provider", putProvider, "the name of a provider, or null for the one that the route names"},
    {"model", putModel, "the name of a model, or null for the one that each request names"},
    {"allowed_models", putAllowedModels, "a list of up to 1000 names of models; an empty one allows all"},
    {"priority", putPriority, "\"interactive\" or \"background\""},
    {"paused", putPaused, "true or false"},
    {"expires_at", putExpiry, "a date with time and zone (2026-12-31T00:00:00Z), or null for never"},
}};
static_assert(LabelMax == 100 && AllowedModelsMax == 1'000);

/// A name that a stranger chose, for a sentence.
std::string quoted(const QString &name)
{
    constexpr qsizetype ShownMax = 40;
    QString shown = name.left(ShownMax);
    std::replace_if(
        shown.begin(), shown.end(), [](QChar c) { return !c.isPrint(); }, QLatin1Char('?'));
    return '\'' + shown.toStdString() + '\'';
}

/// Puts one field of `what`; false if `fields` has none of this name.
template<typename What, std::size_t Count>
Result<bool> putField(const std::array<Field<What>, Count> &fields, What &what, const QString &name,
                      const QJsonValue &value, const std::string &prefix)
{
    for (const Field<What> &field : fields) {
        if (name != QLatin1String(field.name))
            continue;
        if (!field.put(what, value))
            return base::unexpected(Errc::FieldInvalid, prefix + field.name + " must be " + field.wanted);
        return true;
    }
    return false;
}

template<typename What, std::size_t Count>
std::string namesOf(const std::array<Field<What>, Count> &fields)
{
    std::string names;
    for (const Field<What> &field : fields)
        names += std::string(names.empty() ? "" : ", ") + field.name;
    return names;
}

Result<void> putLimits(Limits &limits, const QJsonValue &value)
{
    if (!value.isObject())
        return base::unexpected(Errc::FieldInvalid, "limits must be an object; null in it takes one away");
    const QJsonObject object = value.toObject();
    for (auto each = object.begin(); each != object.end(); ++each) {
        const auto put = putField(LimitFields, limits, each.key(), each.value(), "limits.");
        if (!put)
            return base::Unexpected{put.error()};
        if (!*put) {
            return base::unexpected(Errc::FieldInvalid, "limits has no field " + quoted(each.key()) +
                                                            ", only " + namesOf(LimitFields));
        }
    }
    return {};
}

QJsonValue countValue(const std::optional<std::int64_t> &count)
{
    return count ? QJsonValue(qint64(*count)) : QJsonValue();
}

QJsonObject limitsObject(const Limits &limits)
{
    const auto window = std::chrono::duration_cast<std::chrono::milliseconds>(limits.window);
    return {{QStringLiteral("tokens_per_window"), countValue(limits.tokensPerWindow)},
            {QStringLiteral("window_ms"), qint64(window.count())},
            {QStringLiteral("tokens_per_day"), countValue(limits.tokensPerDay)},
            {QStringLiteral("tokens_per_minute"), countValue(limits.tokensPerMinute)},
            {QStringLiteral("requests_per_minute"), countValue(limits.requestsPerMinute)},
            {QStringLiteral("concurrent"), countValue(limits.concurrent)}};
}

} // namespace

Result<AccessKey> withFields(AccessKey key, const QByteArray &json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (!document.isObject()) {
        const bool isJson = error.error == QJsonParseError::NoError;
        return base::unexpected(
            Errc::FieldInvalid,
            "the body must be a JSON object" +
                (isJson ? std::string() : " (" + error.errorString().toStdString() + ")"));
    }
    const QJsonObject object = document.object();
    for (auto each = object.begin(); each != object.end(); ++each) {
        if (each.key() == QLatin1String("limits")) {
            if (auto put = putLimits(key.limits, each.value()); !put)
                return base::Unexpected{put.error()};
            continue;
        }
        const auto put = putField(KeyFields, key, each.key(), each.value(), {});
        if (!put)
            return base::Unexpected{put.error()};
        if (!*put) {
            return base::unexpected(Errc::FieldInvalid, "there is no field " + quoted(each.key()) +
                                                            " that can be set, only " + namesOf(KeyFields) +
                                                            ", limits");
        }
    }
    return key;
}

QJsonObject keyObject(const AccessKey &key, const store::UsageSum &lastDay, base::WallMs now)
{
    QJsonArray models;
    for (const std::string &model : key.allowedModels)
        models.append(QString::fromStdString(model));
    const QJsonObject used{{QStringLiteral("requests"), qint64(lastDay.requests)},
                           {QStringLiteral("tokens"), qint64(lastDay.input + lastDay.output)}};
    return {{QStringLiteral("id"), qint64(key.id)},
            {QStringLiteral("label"), QString::fromStdString(key.label)},
            {QStringLiteral("prefix"), QString::fromStdString(key.prefix)},
            {QStringLiteral("provider"), QString::fromStdString(key.provider)},
            {QStringLiteral("model"), QString::fromStdString(key.model)},
            {QStringLiteral("allowed_models"), models},
            {QStringLiteral("priority"), QLatin1String(key.isBackground ? "background" : "interactive")},
            {QStringLiteral("paused"), key.isPaused},
            {QStringLiteral("expired"), key.isExpired(now)},
            {QStringLiteral("created_at"), timeValue(key.createdAt)},
            {QStringLiteral("expires_at"), timeValue(key.expiresAt)},
            {QStringLiteral("last_used_at"), timeValue(key.lastUsedAt)},
            {QStringLiteral("limits"), limitsObject(key.limits)},
            {QStringLiteral("last_24h"), used}};
}

QJsonValue timeValue(base::WallMs at)
{
    return QDateTime::fromMSecsSinceEpoch(at, Qt::UTC).toString(Qt::ISODateWithMs);
}

QJsonValue timeValue(std::optional<base::WallMs> at)
{
    return at ? timeValue(*at) : QJsonValue();
}

} // namespace weir::engine
