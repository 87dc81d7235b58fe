// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench check`: a short comparison held against the thresholds. `arguments` begin with the program's
/// name; returns the exit code: 1 where the same threshold breaks twice in a row.
int check(const QStringList &arguments);

} // namespace weir::bench
