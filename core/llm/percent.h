// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace weir::llm {

/// `text` with every percent-encoding decoded, once (RFC 3986 §2.1). What is none stays as it is.
std::string percentDecoded(std::string_view text);

/// `text` with the percent-encodings of unreserved characters decoded, which changes no meaning (RFC 3986
/// §6.2.2.2). All others stay as they are.
std::string unreservedDecoded(std::string_view text);

} // namespace weir::llm
