// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "report/report.h"
#include <string>

namespace weir::report {

/// The parts of the page, in its order. Each is a piece of markup, "" where the report has nothing for it.

/// Weir against its references: cards with the range over all sections, then each ratio as a bar.
std::string summaryPart(const Report &report);
/// Bars per load, percentile curves, what changed over time.
std::string chartsPart(const Report &report);
/// Each section in full.
std::string tablesPart(const Report &report);
/// Machine, build, command and how it was measured.
std::string methodPart(const Report &report);

/// How it was measured, for the kinds that the report holds; one paragraph each, plain text. Shared by all
/// outputs that explain themselves.
std::vector<std::string> methodOf(const Report &report);

/// The whole style sheet.
std::string pageStyle();

} // namespace weir::report
