// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "report/report.h"
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::report {

/// Reading a section: which figures it has, and what its arms are compared with. Pointers are borrowed from
/// the section or arm.

const ArmResult *findArm(const Section &section, std::string_view arm);
const Figure *findFigure(const ArmResult &arm, std::string_view figure);
/// nullopt if there is no such figure or it has no value.
std::optional<double> valueOf(const ArmResult &arm, std::string_view figure);

/// One column of a section's table.
struct Column
{
    std::string figure;
    std::string unit;
    Better better = Better::Neither;
};
/// Every figure that some arm has, in the order in which they first appear.
std::vector<Column> columnsOf(const Section &section);

/// The arms that others are compared with, most telling first, of those that ran to their end: nginx, direct,
/// and for JSON qjsondocument.
std::vector<const ArmResult *> referencesOf(const Section &section);
/// The arms that are compared with `reference`: all that have figures but itself; "direct" is no
/// competitor of anything.
std::vector<const ArmResult *> comparedWith(const Section &section, const ArmResult &reference);
/// The figure of `arm` divided by that of `reference`. nullopt where one of them is absent or not above zero,
/// where their units differ, where neither direction is better, and where processor time or memory would be
/// compared with that of the provider behind "direct": then the quotient says nothing.
std::optional<double> ratioOf(const ArmResult &arm, const ArmResult &reference, std::string_view figure);

/// "concurrency 64 · body 2000"; "" if there are none.
std::string parametersText(const Section &section);

} // namespace weir::report
