// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usage_writer.h"

#include "store/spent_book.h"
#include <algorithm>
#include <map>
#include <tuple>

namespace weir::store {

using base::Result;

namespace {

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
        const auto more = [](std::int64_t &sum, std::int64_t value) {
            sum = std::min(sum + std::clamp<std::int64_t>(value, 0, SumMax), SumMax);
        };
        more(input, row.usage.input);
        more(cachedInput, row.usage.cachedInput);
        more(cacheWrite, row.usage.cacheWrite);
        more(output, row.usage.output);
        more(reasoning, row.usage.reasoning);
        costed += row.costMicros.has_value();
        more(costMicros, row.costMicros.value_or(0));
        more(ownMicros, row.ownMicros);
        more(totalMicros, row.totalMicros);
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

Result<void> addSums(const Database &database, const std::map<Hour, Sums> &hours)
{
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
    for (const auto &[of, sums] : hours) {
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

} // namespace

Result<std::int64_t> writeUsage(const Database &database, std::span<const UsageRow> rows)
{
    Transaction transaction(database);
    if (auto begun = transaction.begin(); !begun)
        return base::Unexpected{begun.error()};
    Statement insert = database.prepare(
        "INSERT INTO usage VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO NOTHING");
    std::map<Hour, Sums> hours;
    SpentAmounts spent;
    std::int64_t added = 0;
    for (const UsageRow &row : rows) {
        if (auto ran = insertRow(insert, database.run(), row); !ran)
            return base::Unexpected{ran.error()};
        if (insert.changed() == 0)
            continue;
        ++added;
        hours[{hourOf(row.at), row.keyId, row.caller, row.tool, row.provider, row.model()}].add(row);
        const base::WallMs slot = spentSlotEnd(row.endedAt());
        spent[{0, slot}] += row.charged;
        if (row.keyId != 0)
            spent[{row.keyId, slot}] += row.charged;
    }
    if (auto summed = addSums(database, hours); !summed)
        return base::Unexpected{summed.error()};
    if (auto counted = addSpent(database, spent); !counted)
        return base::Unexpected{counted.error()};
    if (auto committed = transaction.commit(); !committed)
        return base::Unexpected{committed.error()};
    return added;
}

} // namespace weir::store
