// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench latency`: what Weir adds to a request, direct and through Weir by turns. Returns the exit
/// code.
int latency(QStringList arguments);
/// `weir-bench throughput`: requests per second and CPU time per request at several concurrencies.
int throughput(QStringList arguments);

} // namespace weir::bench
