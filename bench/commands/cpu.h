// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench cpu`: processor time per request, for bodies of several sizes and at several concurrencies.
/// `arguments` begin with the program's name. Returns the exit code.
int cpu(const QStringList &arguments);

} // namespace weir::bench
