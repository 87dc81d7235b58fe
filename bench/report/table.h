// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "report/report.h"
#include <string>

namespace weir::report {

/// Narrowest layout; on a terminal below that lines are longer than it is wide.
inline constexpr int TableColumnsMin = 40;

/// The report for a terminal of `columns`: what was run where, then one table per section with the arms as
/// rows and the figures as columns: ratios first, measured values second; a table that is too wide goes on
/// below itself. UTF-8, no colours, lines end in "\n".
std::string toText(const Report &report, int columns);

/// Width of the terminal behind standard output; 100 where there is none.
int terminalColumns();

} // namespace weir::report
