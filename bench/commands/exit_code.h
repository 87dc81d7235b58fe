// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace weir::bench {

/// What was to be measured could not be, in whole or in part.
inline constexpr int RunError = 1;
/// For a command line that cannot be understood.
inline constexpr int UsageError = 2;

} // namespace weir::bench
