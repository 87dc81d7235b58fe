// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// Exit code for a command line that cannot be understood.
inline constexpr int UsageError = 2;

/// `weir-bench simulate`: runs the simulated provider until SIGTERM or SIGINT. Returns the exit code.
int simulate(QStringList arguments);

} // namespace weir::bench
