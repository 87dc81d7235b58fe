// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/model_policy.h"

#include <algorithm>

namespace weir::pipeline {

namespace {

/// Of a name that a client has sent; it is told back to it.
constexpr std::size_t ShownMax = 100;

} // namespace

bool ModelPolicy::changes() const
{
    return overrides() || !m_rules.aliases.empty() || !m_rules.defaultModel.empty();
}

bool ModelPolicy::mayReroute() const
{
    return std::any_of(m_rules.aliases.begin(), m_rules.aliases.end(),
                       [](const llm::ModelRule &rule) { return !rule.provider.empty(); });
}

std::optional<llm::ModelChoice> ModelPolicy::choose(std::optional<std::string_view> asked) const
{
    if (!overrides())
        return llm::chooseModel(m_rules, asked);
    const std::optional<llm::ModelChoice> choice = llm::chooseModel(m_rules, m_key->model);
    return choice ? choice : llm::ModelChoice{m_key->model, {}};
}

std::optional<base::Error> ModelPolicy::objection(std::optional<std::string_view> sent) const
{
    if (!m_key || m_key->allowedModels.empty())
        return std::nullopt;
    const std::vector<std::string> &allowed = m_key->allowedModels;
    const bool isAllowed = sent && std::any_of(allowed.begin(), allowed.end(), [&](const std::string &each) {
                               return llm::matchesPattern(each, *sent);
                           });
    if (isAllowed)
        return std::nullopt;
    std::string detail = sent ? "'" + std::string(sent->substr(0, ShownMax)) + "'" : "none is named";
    detail += "; allowed: ";
    for (const std::string &each : allowed)
        detail += (&each == &allowed.front() ? "" : ", ") + each;
    return base::Error{base::Errc::ModelNotAllowed, std::move(detail)};
}

} // namespace weir::pipeline
