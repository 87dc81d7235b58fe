// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/usage_report.h"

#include "store/caller_store.h"
#include "store/key_store.h"
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTimeZone>
#include <QUrlQuery>
#include <utility>

namespace weir::engine {

using base::Errc;
using base::Result;
using base::WallMs;
using store::GroupBy;
using store::UsageSum;

namespace {

constexpr std::array<std::pair<const char *, GroupBy>, 6> Words{{
    {"key", GroupBy::Key},
    {"caller", GroupBy::Caller},
    {"model", GroupBy::Model},
    {"tool", GroupBy::Tool},
    {"provider", GroupBy::Provider},
    {"day", GroupBy::Day},
}};

constexpr const char *NoKey = "0"; ///< UsageSum::group of requests without an access key
constexpr WallMs EndOfTime = std::numeric_limits<WallMs>::max();

const char *wordFor(GroupBy by)
{
    for (const auto &[word, meant] : Words) {
        if (meant == by)
            return word;
    }
    return "";
}

/// "90m", "24h", "7d": that long before `now`.
std::optional<WallMs> readAge(const QString &text, WallMs now)
{
    constexpr std::array<std::pair<char, WallMs>, 3> Units{
        {{'m', 60'000}, {'h', 3'600'000}, {'d', 86'400'000}}};
    constexpr int Most = 100'000; // of any unit; 270 years
    for (const auto &[letter, length] : Units) {
        if (!text.endsWith(QLatin1Char(letter)))
            continue;
        bool isNumber = false;
        const int count = text.chopped(1).toInt(&isNumber);
        if (isNumber && count >= 0 && count <= Most)
            return now - count * length;
    }
    return std::nullopt;
}

std::optional<WallMs> readTime(const QString &text, WallMs now)
{
    if (const auto age = readAge(text, now))
        return age;
    // Without an offset: in this machine's zone, as QDateTime takes it.
    const QDateTime time = QDateTime::fromString(text, Qt::ISODate);
    return time.isValid() ? std::optional<WallMs>(time.toMSecsSinceEpoch()) : std::nullopt;
}

QJsonValue timeValue(WallMs at, WallMs openEnd)
{
    if (at == openEnd)
        return QJsonValue::Null;
    return QDateTime::fromMSecsSinceEpoch(at, Qt::UTC).toString(Qt::ISODateWithMs);
}

QJsonObject sumObject(const UsageSum &sum)
{
    // A cost that is not known is no 0. Where that of some requests is not, "costed" is fewer than
    // "requests".
    const QJsonValue cost = sum.costed > 0 ? QJsonValue(qint64(sum.costMicros)) : QJsonValue::Null;
    return {{QStringLiteral("cost_micros"), cost},
            {QStringLiteral("costed"), qint64(sum.costed)},
            {QStringLiteral("requests"), qint64(sum.requests)},
            {QStringLiteral("errors"), qint64(sum.errors)},
            {QStringLiteral("estimated"), qint64(sum.estimated)},
            {QStringLiteral("input"), qint64(sum.input)},
            {QStringLiteral("cached_input"), qint64(sum.cachedInput)},
            {QStringLiteral("cache_write"), qint64(sum.cacheWrite)},
            {QStringLiteral("output"), qint64(sum.output)},
            {QStringLiteral("reasoning"), qint64(sum.reasoning)}};
}

using Labels = std::map<std::string, std::string>; // by UsageSum::group

Result<Labels> labelsFor(const store::Database &database, GroupBy by, const std::vector<UsageSum> &sums)
{
    Labels labels;
    if (by == GroupBy::Caller) {
        const auto known = store::CallerStore(database).labels();
        if (!known)
            return base::Unexpected{known.error()};
        labels.insert(known->begin(), known->end());
    } else if (by == GroupBy::Key) {
        const auto keys = store::KeyStore(database).list();
        if (!keys)
            return base::Unexpected{keys.error()};
        for (const keys::AccessKey &key : *keys)
            labels.emplace(std::to_string(key.id), key.label);
        for (const UsageSum &sum : sums) {
            if (sum.group != NoKey) // a label that is there stays
                labels.emplace(sum.group, "deleted key " + sum.group);
        }
    }
    return labels;
}

} // namespace

Result<UsageQuestion> readUsageQuestion(std::string_view query, WallMs now)
{
    UsageQuestion question;
    question.range = {0, EndOfTime};
    const QUrlQuery parts(QString::fromUtf8(query.data(), qsizetype(query.size())));
    const auto refuse = [](const QString &why) {
        return base::unexpected(Errc::QueryInvalid, why.toStdString());
    };
    for (const auto &[name, value] : parts.queryItems(QUrl::FullyDecoded)) {
        if (name == QLatin1String("by")) {
            const auto *const found = std::find_if(Words.begin(), Words.end(), [&](const auto &word) {
                return value == QLatin1String(word.first);
            });
            if (found == Words.end())
                return refuse(QStringLiteral("by must be key, caller, model, tool, provider or day"));
            question.by = found->second;
        } else if (name == QLatin1String("since") || name == QLatin1String("until")) {
            const auto time = readTime(value, now);
            if (!time)
                return refuse(name + QStringLiteral(" must be a date (2026-11-24), a date with time, or so "
                                                    "long ago (90m, 24h, 7d)"));
            (name == QLatin1String("since") ? question.range.from : question.range.to) = *time;
        } else {
            return refuse(QStringLiteral("by, since and until can be asked"));
        }
    }
    if (question.range.to <= question.range.from)
        return refuse(QStringLiteral("until must be after since"));
    return question;
}

Result<QByteArray> usageReport(const store::Database &database, const UsageQuestion &question)
{
    const store::UsageQuery query(database);
    const auto sums = query.sums(question.by, question.range, {}, QTimeZone::systemTimeZone());
    if (!sums)
        return base::Unexpected{sums.error()};
    // Of all, not of the rows: there may be more groups than are told.
    const auto total = query.total(question.range);
    if (!total)
        return base::Unexpected{total.error()};
    const auto labels = labelsFor(database, question.by, *sums);
    if (!labels)
        return base::Unexpected{labels.error()};

    const auto refused = query.refused(question.range);
    if (!refused)
        return base::Unexpected{refused.error()};

    QJsonArray rows;
    for (const UsageSum &sum : *sums) {
        const bool isNoKey = question.by == GroupBy::Key && sum.group == NoKey;
        QJsonObject row = sumObject(sum);
        row[QStringLiteral("name")] = isNoKey ? QString() : QString::fromStdString(sum.group);
        if (const auto label = labels->find(sum.group); label != labels->end())
            row[QStringLiteral("label")] = QString::fromStdString(label->second);
        rows.append(row);
    }
    qint64 refusedInAll = 0;
    QJsonArray reasons;
    for (const auto &[reason, requests] : *refused) {
        refusedInAll += requests;
        reasons.append(QJsonObject{{QStringLiteral("reason"), QString::fromStdString(reason)},
                                   {QStringLiteral("requests"), qint64(requests)}});
    }
    const QJsonObject report{{QStringLiteral("by"), QLatin1String(wordFor(question.by))},
                             {QStringLiteral("since"), timeValue(question.range.from, 0)},
                             {QStringLiteral("until"), timeValue(question.range.to, EndOfTime)},
                             {QStringLiteral("rows"), rows},
                             {QStringLiteral("refused"), refusedInAll},
                             {QStringLiteral("refused_reasons"), reasons},
                             {QStringLiteral("total"), sumObject(*total)}};
    return QJsonDocument(report).toJson(QJsonDocument::Compact);
}

} // namespace weir::engine
