// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/key_options.h"

#include <array>
#include <optional>
#include <QCommandLineParser>
#include <QDateTime>
#include <QJsonArray>

namespace weir::app {

using base::Errc;
using base::Result;
using base::WallMs;

namespace {

/// Takes a limit, an override or an expiry away.
const QLatin1String None("none");
const QString AllowModel = QStringLiteral("allow-model");
const QString AllowAnyModel = QStringLiteral("allow-any-model");

/// "90m", "5h", "30d" in milliseconds.
std::optional<WallMs> readDuration(const QString &text)
{
    constexpr std::array<std::pair<char, WallMs>, 4> Units{
        {{'s', 1'000}, {'m', 60'000}, {'h', 3'600'000}, {'d', 86'400'000}}};
    constexpr int Most = 100'000; // of any unit; 270 years
    for (const auto &[letter, length] : Units) {
        if (!text.endsWith(QLatin1Char(letter)))
            continue;
        bool isNumber = false;
        const int count = text.chopped(1).toInt(&isNumber);
        if (isNumber && count >= 0 && count <= Most)
            return count * length;
    }
    return std::nullopt;
}

/// Reads a value into JSON; absent if it is none of this kind.
using Read = std::optional<QJsonValue> (*)(const QString &text, WallMs now);

std::optional<QJsonValue> asText(const QString &text, WallMs)
{
    return QJsonValue(text);
}

std::optional<QJsonValue> asName(const QString &text, WallMs)
{
    return text == None ? QJsonValue() : QJsonValue(text);
}

std::optional<QJsonValue> asCount(const QString &text, WallMs)
{
    if (text == None)
        return QJsonValue();
    bool isNumber = false;
    const qlonglong count = text.toLongLong(&isNumber);
    return isNumber ? std::optional<QJsonValue>(count) : std::nullopt;
}

std::optional<QJsonValue> asDuration(const QString &text, WallMs)
{
    const auto duration = readDuration(text);
    return duration ? std::optional<QJsonValue>(qint64(*duration)) : std::nullopt;
}

std::optional<QJsonValue> asTime(const QString &text, WallMs now)
{
    if (text == None)
        return QJsonValue();
    const auto fromNow = readDuration(text);
    // Without an offset: in this machine's zone.
    const QDateTime time = fromNow ? QDateTime::fromMSecsSinceEpoch(now + *fromNow)
                                   : QDateTime::fromString(text, Qt::ISODateWithMs);
    if (!time.isValid())
        return std::nullopt;
    return QJsonValue(time.toUTC().toString(Qt::ISODateWithMs));
}

struct Option
{
    const char *name;
    const char *value;
    const char *help;
    const char *field;
    bool isLimit;
    Read read;
    const char *wanted;
};

constexpr const char *ANumber = "a whole number, or 'none'";
constexpr std::array<Option, 11> Options{{
    {"label", "LABEL", "The key's name.", "label", false, asText, ""},
    {"provider", "NAME", "Send its requests to this provider.", "provider", false, asName, ""},
    {"model", "NAME", "Send this model in place of the one that a request names.", "model", false, asName,
     ""},
    {"priority", "WHICH", "interactive (the default) or background: waits behind the others.", "priority",
     false, asText, ""},
    {"expires", "WHEN", "A date (as it begins), a date with time, or so long from now (12h, 30d).",
     "expires_at", false, asTime,
     "a date (2026-12-31), a date with time, a time from now (12h, 30d), or 'none'"},
    {"tokens-per-window", "N", "Most tokens within a window that slides with time.", "tokens_per_window",
     true, asCount, ANumber},
    {"window", "LENGTH", "Length of that window (90m, 5h, 7d); 5h unless set.", "window_ms", true, asDuration,
     "a length of time (90m, 5h, 7d)"},
    {"tokens-per-day", "N", "Most tokens within 24 hours.", "tokens_per_day", true, asCount, ANumber},
    {"tokens-per-minute", "N", "Most tokens within a minute.", "tokens_per_minute", true, asCount, ANumber},
    {"requests-per-minute", "N", "Most requests within a minute.", "requests_per_minute", true, asCount,
     ANumber},
    {"concurrent", "N", "Most requests at the same time.", "concurrent", true, asCount, ANumber},
}};

base::Unexpected refused(const char *option, const QString &why)
{
    return base::unexpected(Errc::FieldInvalid, "--" + std::string(option) + ' ' + why.toStdString());
}

} // namespace

void addKeyOptions(QCommandLineParser &parser)
{
    for (const Option &option : Options) {
        parser.addOption({QString::fromLatin1(option.name), QString::fromLatin1(option.help),
                          QString::fromLatin1(option.value)});
    }
    parser.addOption(
        {AllowModel, QStringLiteral("Allow only this model. May be repeated."), QStringLiteral("NAME")});
    parser.addOption({AllowAnyModel, QStringLiteral("Allow all models, as a new key does.")});
}

Result<QJsonObject> readKeyOptions(const QCommandLineParser &parser, WallMs now)
{
    QJsonObject fields;
    QJsonObject limits;
    for (const Option &option : Options) {
        const QStringList given = parser.values(QString::fromLatin1(option.name));
        if (given.isEmpty())
            continue;
        if (given.size() > 1)
            return refused(option.name, QStringLiteral("is there twice"));
        const auto value = option.read(given.constFirst(), now);
        if (!value) {
            return refused(
                option.name,
                QStringLiteral("needs %1, not '%2'").arg(QLatin1String(option.wanted), given.constFirst()));
        }
        (option.isLimit ? limits : fields)[QLatin1String(option.field)] = *value;
    }
    if (!limits.isEmpty())
        fields[QStringLiteral("limits")] = limits;
    const bool isAny = parser.isSet(AllowAnyModel);
    if (isAny && parser.isSet(AllowModel))
        return refused("allow-any-model", QStringLiteral("and --allow-model exclude each other"));
    if (isAny || parser.isSet(AllowModel))
        fields[QStringLiteral("allowed_models")] = QJsonArray::fromStringList(parser.values(AllowModel));
    return fields;
}

} // namespace weir::app
