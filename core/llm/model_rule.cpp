// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/model_rule.h"

#include <algorithm>
#include <cstring>

namespace weir::llm {

namespace {

/// Where `part` first stands in `text`; npos if nowhere. memmem() is linear, string_view::find() is not.
std::size_t find(std::string_view text, std::string_view part)
{
    const void *found = ::memmem(text.data(), text.size(), part.data(), part.size());
    return found ? std::size_t(static_cast<const char *>(found) - text.data()) : std::string_view::npos;
}

} // namespace

bool matchesPattern(std::string_view pattern, std::string_view name)
{
    std::size_t star = pattern.find('*');
    if (star == std::string_view::npos)
        return pattern == name;
    if (!name.starts_with(pattern.substr(0, star)))
        return false;
    name.remove_prefix(star);
    // Each part at the first place behind the one before: a later place would leave the rest less room.
    while (true) {
        pattern.remove_prefix(star + 1);
        star = pattern.find('*');
        if (star == std::string_view::npos)
            return name.ends_with(pattern);
        const std::string_view part = pattern.substr(0, star);
        const std::size_t found = find(name, part);
        if (found == std::string_view::npos)
            return false;
        name.remove_prefix(found + part.size());
    }
}

std::optional<ModelChoice> chooseModel(const ModelRules &rules, std::optional<std::string_view> model)
{
    if (!model && rules.defaultModel.empty())
        return std::nullopt;
    const std::string_view name = model.value_or(rules.defaultModel);
    const auto rule = std::find_if(rules.aliases.begin(), rules.aliases.end(), [name](const ModelRule &each) {
        return matchesPattern(each.match, name);
    });
    if (rule != rules.aliases.end())
        return ModelChoice{rule->model, rule->provider};
    return model ? std::nullopt : std::optional(ModelChoice{name, {}});
}

std::optional<ModelChoice> chooseModel(const ModelRules &rules, const JsonProbe &probe)
{
    if (!probe.object.isHere() || (probe.model.isHere() && !probe.modelName))
        return std::nullopt;
    return chooseModel(rules, probe.modelName ? std::optional<std::string_view>(*probe.modelName)
                                              : std::optional<std::string_view>());
}

} // namespace weir::llm
