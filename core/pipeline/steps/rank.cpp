// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/rank.h"

#include "pipeline/exchange.h"

namespace weir::pipeline {

using upstream::Priority;

namespace {

constexpr std::string_view Field = "x-weir-priority";

Priority byKind(llm::Api api)
{
    const bool isQuiet = api == llm::Api::CountTokens || api == llm::Api::Embeddings;
    return isQuiet ? Priority::Background : Priority::Interactive;
}

} // namespace

Verdict Rank::onHead(Exchange &exchange)
{
    const http::Headers &headers = exchange.head().headers;
    const auto asked = headers.find(Field);
    if (!asked) {
        const auto &key = exchange.caller.key;
        exchange.priority = key && key->isBackground ? Priority::Background : byKind(exchange.endpoint().api);
        return Verdict::Continue;
    }
    const bool isOne = headers.count(Field) == 1;
    if (isOne && http::equalsIgnoreCase(*asked, "interactive"))
        exchange.priority = Priority::Interactive;
    else if (isOne && http::equalsIgnoreCase(*asked, "background"))
        exchange.priority = Priority::Background;
    else // to guess would serve the wrong one first, and nobody would know
        return exchange.refuse({base::Errc::UnknownPriority, {}});
    return Verdict::Continue;
}

} // namespace weir::pipeline
