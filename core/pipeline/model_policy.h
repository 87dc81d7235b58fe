// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include "keys/access_key.h"
#include "llm/model_rule.h"
#include <memory>
#include <optional>
#include <string_view>

namespace weir::pipeline {

/// What becomes of a request's model: the model that its access key's owner has set takes the client's place,
/// the configuration's rules follow, and what is sent in the end must be among the key's allowed ones.
class ModelPolicy
{
public:
    /// `rules` are borrowed for its life. `key`: null = it came without one.
    ModelPolicy(const llm::ModelRules &rules, std::shared_ptr<const keys::AccessKey> key)
        : m_rules(rules), m_key(std::move(key))
    {
    }

    /// Whether the body's model matters at all.
    bool matters() const { return changes() || restricts(); }
    /// The access key's owner has said which models it may have: then the body has to be read whole, and to
    /// be beyond doubt.
    bool restricts() const { return m_key && (overrides() || !m_key->allowedModels.empty()); }
    /// Whether what it says of the provider depends on the model.
    bool mayReroute() const;

    /// The choice for a body that names this model, or none at all; nullopt: leave it as it is. Borrowed.
    std::optional<llm::ModelChoice> choose(std::optional<std::string_view> asked) const;
    /// What is wrong with sending this model, or none at all; it names the allowed ones.
    std::optional<base::Error> objection(std::optional<std::string_view> sent) const;

private:
    bool changes() const;
    bool overrides() const { return m_key && !m_key->model.empty(); }

    const llm::ModelRules &m_rules;
    std::shared_ptr<const keys::AccessKey> m_key;
};

} // namespace weir::pipeline
