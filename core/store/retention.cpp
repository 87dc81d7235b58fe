// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention.h"

#include "store/database.h"
#include "store/spent_book.h"

namespace weir::store {

using base::Result;

namespace {

constexpr std::int64_t DayMs = 86'400'000;

Result<std::int64_t> removed(const Database &database, const char *sql, std::optional<std::int64_t> before)
{
    Statement remove = database.prepare(sql);
    if (before)
        remove.bind(*before);
    if (auto ran = remove.bind(std::int64_t(RetentionStepRows)).run(); !ran)
        return base::Unexpected{ran.error()};
    return remove.changed();
}

Result<std::int64_t> bytesInUse(const Database &database)
{
    std::int64_t numbers[3] = {};
    const char *const questions[] = {"PRAGMA page_count", "PRAGMA freelist_count", "PRAGMA page_size"};
    for (int i = 0; i < 3; ++i) {
        const auto answer = database.number(questions[i]);
        if (!answer)
            return answer;
        numbers[i] = *answer;
    }
    return (numbers[0] - numbers[1]) * numbers[2];
}

/// By age, else by size: rows first, then what was refused, then the hours.
Result<std::int64_t> removeSome(const Database &database, const RetentionRules &rules, base::WallMs now)
{
    constexpr const char *OldRows =
        "DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE at < ? ORDER BY at LIMIT ?)";
    constexpr const char *OldHours =
        "DELETE FROM usage_hour WHERE (hour, key_id, caller, tool, provider, model) IN"
        " (SELECT hour, key_id, caller, tool, provider, model FROM usage_hour"
        "  WHERE hour < ? ORDER BY hour LIMIT ?)";
    constexpr const char *OldestRows =
        "DELETE FROM usage WHERE id IN (SELECT id FROM usage ORDER BY at LIMIT ?)";
    constexpr const char *OldestHours =
        "DELETE FROM usage_hour WHERE (hour, key_id, caller, tool, provider, model) IN"
        " (SELECT hour, key_id, caller, tool, provider, model FROM usage_hour ORDER BY hour LIMIT ?)";

    constexpr const char *OldRefused =
        "DELETE FROM refused WHERE (hour, reason) IN"
        " (SELECT hour, reason FROM refused WHERE hour < ? ORDER BY hour LIMIT ?)";
    constexpr const char *OldestRefused = "DELETE FROM refused WHERE (hour, reason) IN"
                                          " (SELECT hour, reason FROM refused ORDER BY hour LIMIT ?)";

    constexpr const char *OldSpent =
        "DELETE FROM spent WHERE rowid IN (SELECT rowid FROM spent WHERE at < ? ORDER BY at LIMIT ?)";

    for (const auto &[sql, days] :
         {std::pair(OldRows, rules.keepDays), std::pair(OldHours, KeepHourlyDays),
          std::pair(OldRefused, KeepHourlyDays), std::pair(OldSpent, KeepSpentDays)}) {
        const auto count = removed(database, sql, now - days * DayMs);
        if (!count || *count > 0)
            return count;
    }
    const auto bytes = bytesInUse(database);
    if (!bytes || *bytes <= rules.maxMb << 20)
        return bytes ? Result<std::int64_t>(0) : bytes;
    for (const char *sql : {OldestRows, OldestRefused}) {
        const auto count = removed(database, sql, std::nullopt);
        if (!count || *count > 0)
            return count;
    }
    return removed(database, OldestHours, std::nullopt);
}

} // namespace

Result<bool> retainStep(const Database &database, const RetentionRules &rules, base::WallMs now)
{
    const auto count = removeSome(database, rules, now);
    if (!count)
        return base::Unexpected{count.error()};
    // A row of the answer for each page: all of them have to be taken, or SQLite stops after the first.
    Statement shrink = database.prepare("PRAGMA incremental_vacuum(500)");
    if (auto ran = shrink.run(); !ran)
        return base::Unexpected{ran.error()};
    while (shrink.next()) {
    }
    const auto left = database.number("PRAGMA freelist_count");
    if (!left)
        return base::Unexpected{left.error()};
    return *count > 0 || *left > 0;
}

} // namespace weir::store
