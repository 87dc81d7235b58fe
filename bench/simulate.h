// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench simulate`: runs the simulated provider until SIGTERM or SIGINT. Returns the exit code.
int simulate(const QStringList &arguments);

} // namespace weir::bench
