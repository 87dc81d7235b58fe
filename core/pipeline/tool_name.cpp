// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/tool_name.h"

#include "http/headers.h"
#include <array>
#include <utility>

namespace weir::pipeline {

namespace {

constexpr std::size_t NameMax = 32;

// Beginnings of the User-Agent, first match wins.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> KnownTools{{
    {"claude-cli", "Claude Code"},
    {"claude-code", "Claude Code"},
    {"codex", "Codex"},
    {"opencode", "OpenCode"},
    {"ai-sdk/", "AI SDK"},
    {"OpenAI/Python", "OpenAI SDK (Python)"},
    {"OpenAI/JS", "OpenAI SDK (JS)"},
    {"Anthropic/Python", "Anthropic SDK (Python)"},
    {"Anthropic/JS", "Anthropic SDK (JS)"},
    {"Cline", "Cline"},
    {"Zed", "Zed"},
    {"curl", "curl"},
    {"weir-demo", "Demo"},
}};

} // namespace

std::string toolName(std::string_view userAgent)
{
    for (const auto &[beginning, tool] : KnownTools) {
        if (http::equalsIgnoreCase(userAgent.substr(0, beginning.size()), beginning))
            return std::string(tool);
    }
    std::string name;
    for (const char character : userAgent.substr(0, userAgent.find_first_of("/ ("))) {
        if (name.size() == NameMax)
            break;
        if (character > 0x20 && character < 0x7F)
            name += character;
    }
    return name;
}

} // namespace weir::pipeline
