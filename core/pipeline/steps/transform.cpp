// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/transform.h"

#include "llm/json_string.h"
#include "pipeline/exchange.h"
#include "pipeline/model_filter.h"

namespace weir::pipeline {

using base::Errc;

Verdict Transform::onHead(Exchange &exchange)
{
    if (m_rules.aliases.empty() && m_rules.defaultModel.empty())
        return Verdict::Continue;
    const http::RequestHead &head = exchange.head();
    const bool hasBytes = head.chunked || head.contentLength.value_or(0) > 0;
    if (!hasBytes || !llm::takesModel(exchange.endpoint().api))
        return Verdict::Continue;
    const auto encoding = head.headers.find("content-encoding");
    if (encoding && !http::equalsIgnoreCase(*encoding, "identity"))
        return exchange.refuse({Errc::BodyNotInspected, "it has a Content-Encoding"});
    exchange.wantBody();
    return Verdict::Continue;
}

Verdict Transform::onBody(Exchange &exchange)
{
    const std::optional<llm::JsonProbe> &probe = exchange.probe;
    if (!probe)
        return Verdict::Continue;
    if (probe->readability != llm::Readability::Readable)
        return exchange.refuse(unreadable(probe->readability, probe->faultOffset));
    const std::optional<llm::ModelChoice> choice = llm::chooseModel(m_rules, *probe);
    if (!choice)
        return Verdict::Continue;
    if (probe->model.isHere())
        exchange.edit().replace(probe->model, llm::jsonString(choice->model));
    else
        exchange.edit().insertMember(probe->object, "model", llm::jsonString(choice->model));
    exchange.setModelSent(std::string(choice->model));
    return exchange.reroute(choice->provider);
}

Verdict Transform::onLargeBody(Exchange &exchange)
{
    exchange.filter = std::make_unique<ModelFilter>(m_rules, exchange.provider().name);
    return Verdict::Continue;
}

} // namespace weir::pipeline
