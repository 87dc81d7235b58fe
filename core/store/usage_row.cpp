// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usage_row.h"

#include "llm/dialect.h"

namespace weir::store {

namespace {

/// An upstream worked on it, and did not say (to the end) what that took.
bool isEstimate(const metrics::RequestRecord &record)
{
    if (!record.gotLane || !record.endpoint)
        return false;
    if (record.status >= 400) // the provider's word costs nothing; where it failed without one, something may
        return record.charged > 0;
    switch (record.endpoint->api) {
    case llm::Api::Messages:
    case llm::Api::ChatCompletions:
    case llm::Api::Responses:
    case llm::Api::Completions:
    case llm::Api::Embeddings:
        return !record.usage.known || record.outcome != metrics::Outcome::Completed;
    case llm::Api::CountTokens:
    case llm::Api::Models:
    case llm::Api::Lookup:
    case llm::Api::Other:
        return false;
    }
    return false;
}

} // namespace

UsageRow rowOf(const metrics::RequestRecord &record)
{
    UsageRow row;
    row.sequence = std::int64_t(record.id);
    row.at = record.startedAt;
    row.caller = record.caller;
    row.keyId = record.keyId;
    row.tool = record.tool;
    row.provider = record.provider;
    row.modelRequested = record.modelRequested;
    row.modelServed = record.modelServed;
    if (record.endpoint)
        row.endpoint = llm::name(record.endpoint->api);
    row.status = record.status;
    row.outcome = record.outcome;
    row.usage = record.usage;
    row.isEstimated = isEstimate(record) || record.usage.isRounded;
    row.charged = record.charged;
    row.costMicros = record.costMicros;
    row.ownMicros = base::toMicros(record.own);
    row.totalMicros = base::toMicros(record.total);
    if (record.firstToken)
        row.firstTokenMicros = base::toMicros(*record.firstToken);
    return row;
}

} // namespace weir::store
