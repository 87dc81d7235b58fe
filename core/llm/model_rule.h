// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/json_probe.h"
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::llm {

/// Another name for a model: what a client asks for, and what is asked for instead.
struct ModelRule
{
    std::string match;    ///< the whole name; each * stands for any bytes, also none
    std::string model;    ///< what the provider is asked for
    std::string provider; ///< who is asked; "" as without the rule
};

struct ModelRules
{
    std::vector<ModelRule> aliases; ///< the first that matches counts, once: its model is not looked up again
    std::string defaultModel;       ///< for bodies without a model, as if the client had sent it; "" for none
};

/// What the rules make of a request. Borrowed from them.
struct ModelChoice
{
    std::string_view model;
    std::string_view provider; ///< "" as without the rules
    bool operator==(const ModelChoice &) const = default;
};

/// True if the pattern stands for this name. Linear in both: no number of * makes it slow.
bool matchesPattern(std::string_view pattern, std::string_view name);

/// The choice for a body that names this model, or none at all (nullopt). Nullopt: leave it as it is.
std::optional<ModelChoice> chooseModel(const ModelRules &rules, std::optional<std::string_view> model);

/// The same for a body that is Readable. A model that is no text is left alone: the provider's own error says
/// it best. So is a body that is no object.
std::optional<ModelChoice> chooseModel(const ModelRules &rules, const JsonProbe &probe);

} // namespace weir::llm
