// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/providers.h"

#include <array>

namespace weir::llm {

namespace {

// name, OpenAI-dialect base, Anthropic-dialect base, variables that set the base and the key
constexpr std::array<BuiltInProvider, 3> Table{{
    {"zai", "https://api.z.ai/api/coding/paas/v4", "https://api.z.ai/api/anthropic", "ZAI_API_BASE", "ZAI_API_KEY"},
    {"anthropic", "", "https://api.anthropic.com", "ANTHROPIC_API_BASE", "ANTHROPIC_API_KEY"},
    {"openai", "https://api.openai.com/v1", "", "OPENAI_API_BASE", "OPENAI_API_KEY"},
}};

} // namespace

std::span<const BuiltInProvider> builtInProviders()
{
    return Table;
}

} // namespace weir::llm
