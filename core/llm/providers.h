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
    /// Environment variable in which its key may lie; looked at only where the user has set auth to stored.
    std::string_view keyEnvironment;
};

/// The table, one line each.
std::span<const BuiltInProvider> builtInProviders();

} // namespace weir::llm
