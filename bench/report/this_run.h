// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "report/report.h"
#include <QStringList>
#include <string>
#include <string_view>

namespace weir::report {

/// A report without sections that says which command runs now, on which machine and with which build.
/// `arguments` begin with the program's name. Reads /proc/cpuinfo and the clock; "" or 0 where something
/// cannot be known.
Report describeRun(const QStringList &arguments);

/// `arguments` as one line that a shell would read alike. The program is named without its folder, and what
/// may be a secret is replaced by "…": the value of a header (after ":" in the argument of an option whose
/// name ends in "header") and what stands before "@" in a URL.
std::string commandLine(const QStringList &arguments);

/// The processor's name out of the text of /proc/cpuinfo; "" if it names none (as on many ARM machines).
std::string cpuModel(std::string_view cpuinfo);

} // namespace weir::report
