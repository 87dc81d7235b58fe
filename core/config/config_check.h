// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// Providers at most, the built-in ones included.
inline constexpr std::size_t ProvidersMax = 64;

/// Aliases at most: each is compared with the model of each request.
inline constexpr std::size_t AliasesMax = 256;
/// Prices at most: each is compared with a model once.
inline constexpr std::size_t PricesMax = 1024;
/// Longest name of a model, and pattern of names, in bytes: no longer one is read from a request.
inline constexpr std::size_t ModelNameMax = 1024;

/// What is wrong with a configuration whose single values are all right: addresses, URLs, routes.
struct Conflict
{
    std::string key;  ///< the setting to blame: "route.openai", "provider.local.openai_base"
    std::string what; ///< the rest of the sentence; never holds a URL, which might hold a secret
};
std::vector<Conflict> findConflicts(const Config &config);

std::vector<std::string> providerNames(const Config &config);

/// True for names that may stand in a path, as ProviderNameRule says.
bool isProviderName(std::string_view name);
inline constexpr std::string_view ProviderNameRule =
    "1 to 32 small letters, digits, '-' and '_', beginning with a letter or digit, and not 'v1'";

} // namespace weir::config
