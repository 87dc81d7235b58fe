// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench compare`: Weir, the upstream without it and what users would pick instead, side by side.
/// `arguments` begin with the program's name. Returns the exit code.
int compare(const QStringList &arguments);

} // namespace weir::bench
