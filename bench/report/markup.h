// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace weir::report {

/// As text or attribute value ("…" quoted) in HTML and in XML: markup is escaped, and what neither may hold
/// (control characters, bytes that are no UTF-8, non-characters) becomes U+FFFD.
std::string escaped(std::string_view text);

/// A length in an SVG: at most one decimal, never an exponent.
std::string svgNumber(double value);

/// Arms look alike in all charts: colour, hatching and dashes go by this number, of which there are
/// ArmLooks. Known arms have their own, others share the rest.
inline constexpr int ArmLooks = 8;
int lookOf(std::string_view arm);

} // namespace weir::report
