// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "report/report.h"
#include <functional>
#include <QStringList>

namespace weir::bench {

/// Runs another command of weir-bench in a process of its own and returns its report: what one command leaves
/// in memory, threads and descriptors does not disturb the next, and one that crashes takes no other with it.
/// Its table is not shown, its progress is. It ends with this process.
///
/// `command` is the command and its options without --json. Asked to end in order, so that it reports what it
/// has, when `isStopped` says so or after `secondsMost`; killed where it does not end within
/// ChildGraceSeconds of that. Errors (Internal): it could not be started, was killed, or left no report; a
/// command line that it refuses.
inline constexpr double ChildGraceSeconds = 15;
base::Result<report::Report> runChild(const QStringList &command, double secondsMost,
                                      const std::function<bool()> &isStopped);

/// The same with another program; for tests.
base::Result<report::Report> runProgram(const QString &program, const QStringList &command,
                                        double secondsMost, const std::function<bool()> &isStopped);

} // namespace weir::bench
