// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/model_rule.h"
#include "pipeline/model_policy.h"
#include "pipeline/step.h"

namespace weir::pipeline {

/// Puts the model that an access key or a rule names (alias, default model) in the place of the one that the
/// client sent, and the provider that an alias names in the place of the one that the path chose; then holds
/// the model against those that the access key may use. Every other byte stays. Does nothing, and asks for no
/// body, where nothing depends on the model or the endpoint takes none.
class Transform final : public Step
{
public:
    /// `rules` are borrowed for the step's life.
    explicit Transform(const llm::ModelRules &rules) : m_rules(rules) {}
    Verdict onHead(Exchange &exchange) override;
    BodyVerdict onBody(Exchange &exchange) override;
    BodyVerdict onLargeBody(Exchange &exchange) override;

private:
    ModelPolicy policyOf(const Exchange &exchange) const;

    const llm::ModelRules &m_rules;
};

} // namespace weir::pipeline
