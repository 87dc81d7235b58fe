// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace weir::llm {

/// The text of a JSON string (RFC 8259 §7) that was checked before. `inside` is what stands between the
/// quotes. A lone surrogate, which UTF-8 cannot express, becomes U+FFFD.
std::string unescaped(std::string_view inside);

/// `text` (UTF-8) as a JSON string with its quotes. Escapes only what must be.
std::string jsonString(std::string_view text);

/// True if every backslash begins an escape that JSON has. For JSON whose strings are known to be closed.
bool hasOnlyKnownEscapes(std::string_view json);

/// True for the byte behind the backslash of an escape other than \u.
bool isShortEscape(char name);

/// The value of a hexadecimal digit, -1 for any other byte.
int hexDigit(char digit);

} // namespace weir::llm
