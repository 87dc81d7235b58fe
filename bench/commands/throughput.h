// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench throughput`: requests per second and processor time per request at several concurrencies.
/// `arguments` begin with the program's name; returns the exit code.
int throughput(const QStringList &arguments);

} // namespace weir::bench
