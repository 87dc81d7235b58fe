// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/inspect.h"

#include "llm/body_bytes.h"
#include "pipeline/exchange.h"

namespace weir::pipeline {

Verdict Inspect::onBody(Exchange &exchange)
{
    if (exchange.wholeBody().isEmpty())
        return Verdict::Continue; // no body is no bad JSON
    exchange.probe = llm::probeJson(llm::viewOf(exchange.wholeBody()));
    exchange.setModelRequested(exchange.probe->modelName.value_or(std::string()));
    return Verdict::Continue;
}

Verdict Inspect::wantBody(Exchange &exchange)
{
    const auto encoding = exchange.head().headers.find("content-encoding");
    if (encoding && !http::equalsIgnoreCase(*encoding, "identity"))
        return exchange.refuse({base::Errc::BodyNotInspected, "it has a Content-Encoding"});
    exchange.wantBody();
    return Verdict::Continue;
}

} // namespace weir::pipeline
