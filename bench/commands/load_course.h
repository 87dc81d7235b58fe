// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench load`: a course of load over a longer time: latencies, failures and memory as it goes.
/// `arguments` begin with the program's name; returns the exit code.
int loadCourse(const QStringList &arguments);

} // namespace weir::bench
