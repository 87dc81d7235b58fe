// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/transform.h"

#include "llm/json_string.h"
#include "pipeline/exchange.h"
#include "pipeline/model_filter.h"
#include "pipeline/pipeline.h"
#include "pipeline/steps/inspect.h"

namespace weir::pipeline {

using base::Errc;

ModelPolicy Transform::policyOf(const Exchange &exchange) const
{
    return {m_rules, exchange.caller.key};
}

Verdict Transform::onHead(Exchange &exchange)
{
    const ModelPolicy policy = policyOf(exchange);
    if (!policy.matters() || !exchange.head().hasBody())
        return Verdict::Continue;
    if (!llm::takesModel(exchange.endpoint().api)) {
        if (policy.restricts()) // it may name any model, in a form that is not read
            return exchange.refuse({Errc::ModelNotAllowed, "it cannot be read at this path"});
        return Verdict::Continue;
    }
    return Inspect::wantBody(exchange);
}

BodyVerdict Transform::onBody(Exchange &exchange)
{
    const std::optional<llm::JsonProbe> &probe = exchange.probe;
    const ModelPolicy policy = policyOf(exchange);
    if (!probe || !policy.matters())
        return BodyVerdict::Continue;
    if (probe->readability != llm::Readability::Readable)
        return exchange.refuse(unreadable(probe->readability, probe->faultOffset));
    if (policy.restricts() && !probe->modelDoubt.empty())
        return exchange.refuse({Errc::ModelNotAllowed, std::string(probe->modelDoubt)});

    const std::optional<std::string> &asked = probe->modelName;
    // A model that is no text, and a body that is no object, are the provider's to refuse.
    const bool isOpen = probe->object.isHere() && (asked || !probe->model.isHere());
    const std::optional<llm::ModelChoice> choice = isOpen ? policy.choose(asked) : std::nullopt;
    const auto sent = choice ? std::optional<std::string_view>(choice->model) : asked;
    if (const auto objection = policy.objection(sent))
        return exchange.refuse(*objection);
    if (!choice)
        return BodyVerdict::Continue;
    if (probe->model.isHere())
        exchange.edit().replace(probe->model, llm::jsonString(choice->model));
    else
        exchange.edit().insertMember(probe->object, "model", llm::jsonString(choice->model));
    exchange.setModelSent(std::string(choice->model));
    return exchange.reroute(choice->provider) ? BodyVerdict::Continue : BodyVerdict::Answered;
}

BodyVerdict Transform::onLargeBody(Exchange &exchange)
{
    ModelPolicy policy = policyOf(exchange);
    if (policy.restricts())
        return exchange.refuse(tooLargeToHold(exchange.pipeline().options().bodyHold));
    if (policy.matters())
        exchange.filter = std::make_unique<ModelFilter>(std::move(policy), exchange.provider().name);
    return BodyVerdict::Continue;
}

} // namespace weir::pipeline
