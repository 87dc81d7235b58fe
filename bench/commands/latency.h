// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench latency`: what each subject adds to a request, in an open loop, by turns. `arguments` begin
/// with the program's name; returns the exit code.
int latency(const QStringList &arguments);

} // namespace weir::bench
