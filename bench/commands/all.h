// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench all`: every measuring command, one after the other, in one report. `arguments` begin with
/// the program's name; returns the exit code.
int all(const QStringList &arguments);

} // namespace weir::bench
