// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "store/usage_query.h"
#include <QByteArray>
#include <string>
#include <string_view>

namespace weir::engine {

/// What can be asked of the usage that is kept: by which word it is added up, and over which time.
struct UsageQuestion
{
    store::GroupBy by = store::GroupBy::Model;
    store::TimeRange range;
};

/// Reads "by=model&since=7d&until=2026-11-24". by: key, caller, model, tool, provider, day. A time is a date
/// (its beginning, in this machine's time zone), a date with time as in ISO 8601, or so long ago: 90m, 24h,
/// 7d. Both ends may be left out. Anything else is QueryInvalid, with a sentence that says what would do.
base::Result<UsageQuestion> readUsageQuestion(std::string_view query, base::WallMs now);

/// The answer as JSON: {"by", "since", "until", "rows": [{"name", "requests", "errors", "estimated", "input",
/// "cached_input", "cache_write", "output", "reasoning", "cost_micros", "costed"}], "total": {…}, "refused",
/// "refused_reasons": [{"reason", "requests"}]}. What Weir has refused by itself, in whole hours, is in
/// neither rows nor total. Costs are in millionths of a US dollar, null where no price is known, and of
/// "costed" requests. Times are ISO 8601 or null, days those of this machine's time zone. A name is "" where
/// there was none; of a key it is its id. Callers that have been named carry "label", and so do keys, deleted
/// ones too. Store thread.
base::Result<QByteArray> usageReport(const store::Database &database, const UsageQuestion &question);

} // namespace weir::engine
