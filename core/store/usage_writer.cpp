// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usage_writer.h"

#include "store/spent_book.h"
#include <algorithm>
#include <map>
#include <tuple>

namespace weir::store {

using base::Result;

namespace {

constexpr std::int64_t NoKey = 0; ///< UsageRow::keyId

/// A sum stops here; thousands of such hours can be added up before an integer of SQLite overflows, which
/// would make a query fail. A provider may claim 2^40 tokens for each request.
constexpr std::int64_t SumMax = std::int64_t{1} << 50;

struct Hour
{
    std::int64_t hour;
    std::int64_t keyId;
    std::string caller, tool, provider, model;

    auto operator<=>(const Hour &) const = default;
};

/// The beginning of a text, at most so many bytes, without half a character at its end.
std::string cut(const std::string &text, std::size_t most)
{
    if (text.size() <= most)
        return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end);
}

void addUpTo(std::int64_t &sum, std::int64_t value)
{
    sum = std::min(sum + std::clamp<std::int64_t>(value, 0, SumMax), SumMax);
}

/// What a key has used.
struct Total
{
    std::int64_t tokens = 0;
    base::WallMs lastUsedAt = 0;

    void add(const UsageRow &row)
    {
        addUpTo(tokens, row.usage.input);
        addUpTo(tokens, row.usage.output);
        lastUsedAt = std::max(lastUsedAt, row.at);
    }
};

struct Sums
{
    std::int64_t requests = 0, errors = 0, estimated = 0;
    std::int64_t input = 0, cachedInput = 0, cacheWrite = 0, output = 0, reasoning = 0;
    std::int64_t costed = 0, costMicros = 0;
    std::int64_t ownMicros = 0, totalMicros = 0;

    void add(const UsageRow &row)
    {
        requests += 1;
        errors += row.isError();
        estimated += row.isEstimated;
        addUpTo(input, row.usage.input);
        addUpTo(cachedInput, row.usage.cachedInput);
        addUpTo(cacheWrite, row.usage.cacheWrite);
        addUpTo(output, row.usage.output);
        addUpTo(reasoning, row.usage.reasoning);
        costed += row.costMicros.has_value();
        addUpTo(costMicros, row.costMicros.value_or(0));
        addUpTo(ownMicros, row.ownMicros);
        addUpTo(totalMicros, row.totalMicros);
    }
};

Result<void> insertRow(Statement &insert, std::int64_t run, const UsageRow &row)
{
    Q_ASSERT(row.sequence >= 0 && row.sequence < UsageRow::SequenceMax);
    insert.bind(run * UsageRow::SequenceMax + row.sequence).bind(row.at).bind(row.caller).bind(row.keyId);
    insert.bind(row.tool).bind(row.provider).bind(row.modelRequested).bind(row.model()).bind(row.endpoint);
    insert.bind(std::int64_t(row.status)).bind(std::int64_t(row.outcome));
    insert.bind(std::int64_t(row.usage.known)).bind(std::int64_t(row.isEstimated));
    insert.bind(row.usage.input).bind(row.usage.cachedInput).bind(row.usage.cacheWrite);
    insert.bind(row.usage.output).bind(row.usage.reasoning).bind(row.costMicros);
    insert.bind(row.ownMicros).bind(row.totalMicros).bind(row.firstTokenMicros);
    insert.bind(row.charged);
    return insert.run();
}

/// Where the sums go: to their own row if that is there or there may be one more, else to that of all others.
class Places
{
public:
    explicit Places(const Database &database)
        : m_hasPlace(database.prepare(
              "SELECT EXISTS(SELECT 1 FROM usage_hour WHERE hour = ? AND key_id = ? AND caller = ? AND"
              " tool = ? AND provider = ? AND model = ?)"
              " OR (SELECT count(*) FROM usage_hour WHERE hour = ? AND key_id = ?) < ?"))
    {
    }

    Result<Hour> placeFor(const Hour &of)
    {
        m_hasPlace.bind(of.hour).bind(of.keyId).bind(of.caller).bind(of.tool).bind(of.provider);
        if (auto ran = m_hasPlace.bind(of.model).bind(of.hour).bind(of.keyId).bind(NamesMax).run(); !ran)
            return base::Unexpected{ran.error()};
        const bool hasPlace = m_hasPlace.next() && m_hasPlace.integer(0) != 0;
        if (auto failure = m_hasPlace.failure(); !failure)
            return base::Unexpected{failure.error()};
        if (hasPlace)
            return of;
        const std::string other(FoldedName);
        return Hour{of.hour, of.keyId, of.caller.empty() ? "" : other, other, of.provider, other};
    }

private:
    Statement m_hasPlace;
};

Result<void> addSums(const Database &database, const std::map<Hour, Sums> &hours)
{
    Places places(database);
    Statement add =
        database.prepare("INSERT INTO usage_hour VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
                         " ON CONFLICT(hour, key_id, caller, tool, provider, model) DO UPDATE SET"
                         " requests = requests + excluded.requests, errors = errors + excluded.errors,"
                         " estimated = estimated + excluded.estimated,"
                         " input = min(input + excluded.input, 1 << 50),"
                         " cached_input = min(cached_input + excluded.cached_input, 1 << 50),"
                         " cache_write = min(cache_write + excluded.cache_write, 1 << 50),"
                         " output = min(output + excluded.output, 1 << 50),"
                         " reasoning = min(reasoning + excluded.reasoning, 1 << 50),"
                         " costed = costed + excluded.costed,"
                         " cost_micros = min(cost_micros + excluded.cost_micros, 1 << 50),"
                         " own_us = min(own_us + excluded.own_us, 1 << 50),"
                         " total_us = min(total_us + excluded.total_us, 1 << 50)");
    for (const auto &[wanted, sums] : hours) {
        const Result<Hour> place = places.placeFor(wanted);
        if (!place)
            return base::Unexpected{place.error()};
        const Hour &of = *place;
        add.bind(of.hour).bind(of.keyId).bind(of.caller).bind(of.tool).bind(of.provider).bind(of.model);
        add.bind(sums.requests).bind(sums.errors).bind(sums.estimated);
        add.bind(sums.input).bind(sums.cachedInput).bind(sums.cacheWrite).bind(sums.output);
        add.bind(sums.reasoning).bind(sums.costed).bind(sums.costMicros);
        add.bind(sums.ownMicros).bind(sums.totalMicros);
        if (auto ran = add.run(); !ran)
            return ran;
    }
    return {};
}

/// Of keys that are gone nothing is kept.
Result<void> addTotals(const Database &database, const std::map<std::int64_t, Total> &totals)
{
    Statement add = database.prepare("UPDATE access_key SET tokens_used = min(tokens_used + ?, 1 << 52),"
                                     " last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?");
    for (const auto &[keyId, total] : totals) {
        if (auto ran = add.bind(total.tokens).bind(total.lastUsedAt).bind(keyId).run(); !ran)
            return ran;
    }
    return {};
}

Result<void> addRefusals(const Database &database, const Refusals &refusals)
{
    Statement add = database.prepare("INSERT INTO refused VALUES(?, ?, ?) ON CONFLICT(hour, reason)"
                                     " DO UPDATE SET requests = requests + excluded.requests");
    for (const auto &[reason, count] : refusals.byReason) {
        if (auto ran = add.bind(hourOf(refusals.at)).bind(base::identifier(reason)).bind(count).run(); !ran)
            return ran;
    }
    return {};
}

} // namespace

Result<std::int64_t> writeUsage(const Database &database, std::span<const UsageRow> rows,
                                const Refusals &refusals)
{
    Transaction transaction(database);
    if (auto begun = transaction.begin(); !begun)
        return base::Unexpected{begun.error()};
    Statement insert = database.prepare(
        "INSERT INTO usage VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO NOTHING");
    std::map<Hour, Sums> hours;
    std::map<std::int64_t, Total> totals;
    SpentAmounts spent;
    std::int64_t added = 0;
    for (const UsageRow &row : rows) {
        if (auto ran = insertRow(insert, database.run(), row); !ran)
            return base::Unexpected{ran.error()};
        if (insert.changed() == 0)
            continue;
        ++added;
        const std::string model = cut(row.model(), SummedModelMax);
        hours[{hourOf(row.at), row.keyId, row.caller, row.tool, row.provider, model}].add(row);
        const base::WallMs slot = spentSlotEnd(row.endedAt());
        spent[{0, slot}] += row.charged;
        if (row.keyId == NoKey)
            continue;
        spent[{row.keyId, slot}] += row.charged;
        totals[row.keyId].add(row);
    }
    if (auto summed = addSums(database, hours); !summed)
        return base::Unexpected{summed.error()};
    if (auto counted = addSpent(database, spent); !counted)
        return base::Unexpected{counted.error()};
    if (auto totalled = addTotals(database, totals); !totalled)
        return base::Unexpected{totalled.error()};
    if (auto counted = addRefusals(database, refusals); !counted)
        return base::Unexpected{counted.error()};
    if (auto committed = transaction.commit(); !committed)
        return base::Unexpected{committed.error()};
    return added;
}

} // namespace weir::store
