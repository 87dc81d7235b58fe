// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usage_row.h"

#include "llm/provider.h"

namespace weir::store {

UsageRow rowOf(const metrics::RequestRecord &record)
{
    UsageRow row;
    row.sequence = std::int64_t(record.id);
    row.at = record.startedAt;
    row.tool = record.tool;
    row.provider = record.provider;
    row.modelRequested = record.modelRequested;
    row.modelServed = record.modelServed;
    if (record.endpoint)
        row.endpoint = llm::name(record.endpoint->api);
    row.status = record.status;
    row.outcome = record.outcome;
    row.usage = record.usage;
    row.ownMicros = base::toMicros(record.own);
    row.totalMicros = base::toMicros(record.total);
    if (record.firstToken)
        row.firstTokenMicros = base::toMicros(*record.firstToken);
    return row;
}

} // namespace weir::store
