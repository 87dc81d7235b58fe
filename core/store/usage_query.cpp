// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usage_query.h"

#include "store/database.h"
#include <algorithm>
#include <limits>
#include <map>
#include <QDateTime>

namespace weir::store {

using base::Result;

namespace {

/// What tells groups apart, in a table's words; the time column is `hour` in one and computed in the other.
const char *columnFor(GroupBy by)
{
    switch (by) {
    case GroupBy::Nothing:
        return "''";
    case GroupBy::Key:
        return "key_id";
    case GroupBy::Caller:
        return "caller";
    case GroupBy::Model:
        return "model";
    case GroupBy::Tool:
        return "tool";
    case GroupBy::Provider:
        return "provider";
    case GroupBy::Day:
        return "hour";
    }
    return "''";
}

std::string sumsText(GroupBy by, bool ofOneKey)
{
    const std::string group = columnFor(by);
    const std::string key = ofOneKey ? " AND key_id = ?" : "";
    return "SELECT " + group +
           ", sum(requests) AS n, sum(errors), sum(estimated), sum(input), sum(cached_input), "
           "sum(cache_write),"
           " sum(output), sum(reasoning), sum(costed), sum(cost_micros), sum(own_us), sum(total_us) FROM ("
           "SELECT hour, key_id, caller, tool, provider, model, requests, errors, estimated, input, "
           "cached_input,"
           " cache_write, output, reasoning, costed, cost_micros, own_us, total_us"
           " FROM usage_hour WHERE hour >= ? AND hour < ?" +
           key +
           " UNION ALL "
           "SELECT at - ((at % 3600000) + 3600000) % 3600000, key_id, caller, tool, provider, model, 1,"
           " outcome IN (2, 3, 5) OR status >= 400, is_estimated, input, cached_input, cache_write, output,"
           " reasoning, cost_micros IS NOT NULL, coalesce(cost_micros, 0), own_us, total_us"
           " FROM usage WHERE (at >= ? AND at < ? OR at >= ? AND at < ?)" +
           key + ") GROUP BY 1 ORDER BY n DESC, 1 LIMIT ?";
}
static_assert(int(metrics::Outcome::Failed) == 2 && int(metrics::Outcome::Truncated) == 3 &&
              int(metrics::Outcome::ToldError) == 5);

UsageSum readSum(const Statement &row)
{
    UsageSum sum;
    sum.group = row.text(0);
    std::int64_t *const fields[] = {&sum.requests,    &sum.errors,     &sum.estimated, &sum.input,
                                    &sum.cachedInput, &sum.cacheWrite, &sum.output,    &sum.reasoning,
                                    &sum.costed,      &sum.costMicros, &sum.ownMicros, &sum.totalMicros};
    for (int column = 1; std::int64_t * field : fields)
        *field = row.integer(column++);
    return sum;
}

void addTo(UsageSum &sum, const UsageSum &other)
{
    sum.requests += other.requests;
    sum.errors += other.errors;
    sum.estimated += other.estimated;
    sum.input += other.input;
    sum.cachedInput += other.cachedInput;
    sum.cacheWrite += other.cacheWrite;
    sum.output += other.output;
    sum.reasoning += other.reasoning;
    sum.costed += other.costed;
    sum.costMicros += other.costMicros;
    sum.ownMicros += other.ownMicros;
    sum.totalMicros += other.totalMicros;
}

/// Here and not in SQL, which knows nothing of time zones and of days of 23 hours.
std::vector<UsageSum> foldDays(const std::vector<UsageSum> &hours, const QTimeZone &zone)
{
    std::map<std::string, UsageSum> days;
    for (const UsageSum &hour : hours) {
        const QDateTime time = QDateTime::fromMSecsSinceEpoch(std::stoll(hour.group), zone);
        const std::string day = time.date().toString(Qt::ISODate).toStdString();
        UsageSum &sum = days[day];
        sum.group = day;
        addTo(sum, hour);
    }
    std::vector<UsageSum> folded;
    for (auto &[day, sum] : days)
        folded.push_back(std::move(sum));
    return folded;
}

/// Which hours are taken whole, and which parts of hours from their rows.
struct Split
{
    TimeRange hours;
    TimeRange before;
    TimeRange after;
};

Split split(TimeRange range, base::WallMs rowsFrom)
{
    Split split;
    const auto hourUp = [](base::WallMs at) { return hourOf(at + HourMs - 1); };
    // Of an hour that has lost rows the sum alone is right.
    const bool rowsBefore = hourOf(range.from) >= rowsFrom;
    const bool rowsAfter = hourOf(range.to) >= rowsFrom;
    split.hours.from = rowsBefore ? hourUp(range.from) : hourOf(range.from);
    split.hours.to = rowsAfter ? hourOf(range.to) : hourUp(range.to);
    split.before = {range.from, rowsBefore ? std::min(split.hours.from, range.to) : range.from};
    split.after = {rowsAfter ? std::max(split.hours.to, split.before.to) : range.to, range.to};
    return split;
}

/// One hour to spare, so that rounding up cannot overflow.
TimeRange within(TimeRange range)
{
    constexpr base::WallMs Farthest = std::numeric_limits<std::int64_t>::max() - 2 * HourMs;
    return {std::clamp<base::WallMs>(range.from, 0, Farthest),
            std::clamp<base::WallMs>(range.to, 0, Farthest)};
}

/// The hour from which on no row has been removed.
Result<base::WallMs> rowsCompleteFrom(const Database &database)
{
    Statement select = database.prepare(
        "WITH oldest AS (SELECT at, at - at % 3600000 AS hour FROM usage ORDER BY at LIMIT 1)"
        " SELECT hour, EXISTS(SELECT 1 FROM usage_hour WHERE usage_hour.hour < oldest.hour),"
        " (SELECT sum(requests) FROM usage_hour WHERE usage_hour.hour = oldest.hour) ="
        " (SELECT count(*) FROM usage WHERE at >= oldest.hour AND at < oldest.hour + 3600000) FROM oldest");
    if (auto ran = select.run(); !ran)
        return base::Unexpected{ran.error()};
    if (!select.next()) {
        if (auto failure = select.failure(); !failure)
            return base::Unexpected{failure.error()};
        return std::numeric_limits<base::WallMs>::max(); // there are none
    }
    const base::WallMs oldest = select.integer(0);
    const bool olderHours = select.integer(1) != 0;
    const bool isComplete = select.integer(2) != 0;
    if (!isComplete)
        return oldest + HourMs;
    return olderHours ? oldest : 0;
}

} // namespace

Result<std::vector<UsageSum>> UsageQuery::sums(GroupBy by, TimeRange range, std::optional<std::int64_t> keyId,
                                               const QTimeZone &zone) const
{
    std::vector<UsageSum> sums;
    if (range.to <= range.from)
        return sums;
    range = within(range);
    const bool isWhole = hourOf(range.from) == range.from && hourOf(range.to) == range.to;
    const auto rowsFrom = isWhole ? Result<base::WallMs>(0) : rowsCompleteFrom(m_database);
    if (!rowsFrom)
        return base::Unexpected{rowsFrom.error()};
    const Split parts = split(range, *rowsFrom);

    Statement select = m_database.prepare(sumsText(by, keyId.has_value()).c_str());
    select.bind(parts.hours.from).bind(parts.hours.to);
    if (keyId)
        select.bind(*keyId);
    select.bind(parts.before.from).bind(parts.before.to).bind(parts.after.from).bind(parts.after.to);
    if (keyId)
        select.bind(*keyId);
    // All hours: days are made of them.
    select.bind(std::int64_t(by == GroupBy::Day ? -1 : GroupsMax));
    if (auto ran = select.run(); !ran)
        return base::Unexpected{ran.error()};
    while (select.next())
        sums.push_back(readSum(select));
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return by == GroupBy::Day ? foldDays(sums, zone) : sums;
}

Result<UsageSum> UsageQuery::total(TimeRange range, std::optional<std::int64_t> keyId) const
{
    auto all = sums(GroupBy::Nothing, range, keyId);
    if (!all)
        return base::Unexpected{all.error()};
    return all->empty() ? UsageSum{} : std::move(all->front());
}

Result<std::vector<std::pair<std::string, std::int64_t>>> UsageQuery::refused(TimeRange range) const
{
    range = within(range);
    Statement select = m_database.prepare("SELECT reason, sum(requests) AS n FROM refused"
                                          " WHERE hour >= ? AND hour < ? GROUP BY reason ORDER BY n DESC, 1");
    if (auto ran = select.bind(hourOf(range.from)).bind(range.to).run(); !ran)
        return base::Unexpected{ran.error()};
    std::vector<std::pair<std::string, std::int64_t>> reasons;
    while (select.next())
        reasons.emplace_back(select.text(0), select.integer(1));
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return reasons;
}

Result<std::vector<StoredRow>> UsageQuery::page(int count, std::optional<PageEnd> after) const
{
    constexpr std::int64_t Last = std::numeric_limits<std::int64_t>::max();
    const PageEnd below = after.value_or(PageEnd{Last, Last});
    Statement select =
        m_database.prepare("SELECT * FROM usage WHERE (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?");
    select.bind(below.at).bind(below.id).bind(std::int64_t(std::clamp(count, 0, PageMax)));
    if (auto ran = select.run(); !ran)
        return base::Unexpected{ran.error()};
    std::vector<StoredRow> rows;
    while (select.next()) {
        StoredRow &stored = rows.emplace_back();
        UsageRow &row = stored.row;
        stored.id = select.integer(0);
        row.sequence = stored.id % UsageRow::SequenceMax;
        row.at = select.integer(1);
        row.caller = select.text(2);
        row.keyId = select.integer(3);
        row.tool = select.text(4);
        row.provider = select.text(5);
        row.modelRequested = select.text(6);
        row.modelServed = select.text(7);
        row.endpoint = select.text(8);
        row.status = int(select.integer(9));
        row.outcome = metrics::Outcome(select.integer(10));
        row.usage.known = select.integer(11) != 0;
        row.isEstimated = select.integer(12) != 0;
        row.usage.input = select.integer(13);
        row.usage.cachedInput = select.integer(14);
        row.usage.cacheWrite = select.integer(15);
        row.usage.output = select.integer(16);
        row.usage.reasoning = select.integer(17);
        row.costMicros = select.optionalInteger(18);
        row.ownMicros = select.integer(19);
        row.totalMicros = select.integer(20);
        row.firstTokenMicros = select.optionalInteger(21);
    }
    if (auto failure = select.failure(); !failure)
        return base::Unexpected{failure.error()};
    return rows;
}

} // namespace weir::store
