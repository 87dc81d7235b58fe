// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace weir::pipeline {

/// The program behind a User-Agent as people call it ("claude-cli/2.1.330 (external, cli)" -> "Claude Code").
/// An unknown one keeps its own product name, cut to 32 printable characters; "" without a User-Agent.
std::string toolName(std::string_view userAgent);

} // namespace weir::pipeline
