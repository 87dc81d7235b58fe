// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>

namespace weir::llm {

/// Deepest nesting of brackets in a request body that is inspected (LIMITS: JSON nesting).
inline constexpr std::size_t JsonNestingMax = 1024;
/// Longest model name believed, in bytes of UTF-8 (LIMITS: model name).
inline constexpr std::size_t ModelNameMax = 1024;
/// The same as JSON writes it: each byte may be escaped as \u00XX, and two quotes.
inline constexpr std::size_t ModelTextMax = 6 * ModelNameMax + 2;

} // namespace weir::llm
