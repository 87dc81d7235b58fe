// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>
#include <string_view>

namespace weir::llm {

/// A provider that Weir knows without configuration. "" = dialect not spoken.
struct BuiltInProvider
{
    std::string_view name;
    std::string_view openAiBase;
    std::string_view anthropicBase;
    std::string_view baseEnvironment; ///< environment variable that sets the base, e.g. "ZAI_API_BASE"
};

/// The table, one line each.
std::span<const BuiltInProvider> builtInProviders();

} // namespace weir::llm
