// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/inspect.h"

#include "llm/body_bytes.h"
#include "llm/decoder.h"
#include "pipeline/exchange.h"
#include "pipeline/pipeline.h"

namespace weir::pipeline {

BodyVerdict Inspect::onBody(Exchange &exchange)
{
    if (exchange.wholeBody().isEmpty())
        return BodyVerdict::Continue; // no body is no bad JSON
    if (exchange.decodeBody() == BodyVerdict::Answered)
        return BodyVerdict::Answered;
    exchange.probe = llm::probeJson(llm::viewOf(exchange.wholeBody()));
    exchange.setModelRequested(exchange.probe->modelName.value_or(std::string()));
    return BodyVerdict::Continue;
}

BodyVerdict Inspect::onLargeBody(Exchange &exchange)
{
    if (llm::codingOf(exchange.head().headers) == llm::Coding::Identity)
        return BodyVerdict::Continue;
    return exchange.refuse(tooLargeToHold(exchange.pipeline().options().bodyHold));
}

Verdict Inspect::wantBody(Exchange &exchange)
{
    if (!llm::codingOf(exchange.head().headers)) {
        return exchange.refuse(
            {base::Errc::BodyNotInspected,
             "its Content-Encoding is none, or more than one, of gzip, deflate, br and zstd"});
    }
    exchange.wantBody();
    return Verdict::Continue;
}

} // namespace weir::pipeline
