// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "store/usage_row.h"
#include <cstdint>
#include <optional>
#include <QTimeZone>
#include <string>
#include <utility>
#include <vector>

namespace weir::store {

class Database;

enum class GroupBy : std::uint8_t
{
    Nothing, ///< one sum of all
    Key,     ///< text: the id of the access key, "0" without one
    Caller,
    Model,
    Tool,
    Provider,
    Day ///< text: "2026-11-24", in the zone that was asked for
};

/// From `from` on, up to but without `to`. An hour of which only a part is asked for is counted from its
/// rows, to the millisecond; if those have been removed by age or size, all of that hour is counted. Whole
/// hours are read from their sums alone.
struct TimeRange
{
    base::WallMs from = 0;
    base::WallMs to = 0;
};

struct UsageSum
{
    std::string group;
    std::int64_t requests = 0;
    std::int64_t errors = 0;
    std::int64_t estimated = 0; ///< requests whose usage is (in part) an estimate
    std::int64_t input = 0;
    std::int64_t cachedInput = 0;
    std::int64_t cacheWrite = 0;
    std::int64_t output = 0;
    std::int64_t reasoning = 0;
    std::int64_t costed =
        0; ///< requests whose cost is known; fewer than requests: the cost is more than said
    std::int64_t costMicros = 0;
    std::int64_t ownMicros = 0;
    std::int64_t totalMicros = 0;

    bool operator==(const UsageSum &) const = default;
};

struct StoredRow
{
    std::int64_t id = 0; ///< larger = newer run, or later in it
    UsageRow row;        ///< model(): modelServed holds it
};

/// Where a page of rows ended; the next one begins below it.
struct PageEnd
{
    base::WallMs at = 0;
    std::int64_t id = 0;
};

/// Reads usage. Store thread: a query of a year's hours takes milliseconds, and batches wait meanwhile.
class UsageQuery
{
public:
    static constexpr int GroupsMax = 10'000; ///< those with the most requests
    static constexpr int PageMax = 1'000;

    explicit UsageQuery(const Database &database) : m_database(database) {} ///< borrowed for its life

    /// Days in order of time, others those with the most requests first. Absent key = of all.
    base::Result<std::vector<UsageSum>> sums(GroupBy by, TimeRange range,
                                             std::optional<std::int64_t> keyId = {},
                                             const QTimeZone &zone = QTimeZone::utc()) const;
    base::Result<UsageSum> total(TimeRange range, std::optional<std::int64_t> keyId = {}) const;

    /// Requests that Weir refused, by reason (base::identifier()), those with the most first; of whole hours.
    base::Result<std::vector<std::pair<std::string, std::int64_t>>> refused(TimeRange range) const;

    /// The newest first.
    base::Result<std::vector<StoredRow>> page(int count, std::optional<PageEnd> after = {}) const;

private:
    const Database &m_database;
};

} // namespace weir::store
