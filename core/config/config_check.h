// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include <string>
#include <vector>

namespace weir::config {

/// What is wrong with a configuration whose single values are all right: addresses, URLs, routes. `key` names
/// the setting to blame ("route.openai", "provider.local.openai_base").
struct Conflict
{
    std::string key;
    std::string what;
};
std::vector<Conflict> findConflicts(const Config &config);

/// True for names that may stand in a path: [a-z0-9][a-z0-9_-]*, not "v1".
bool isProviderName(const std::string &name);

} // namespace weir::config
