// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench memory`: resident and proportional memory over time, under load and idle, and its growth.
/// `arguments` begin with the program's name. Returns the exit code.
int memory(const QStringList &arguments);

} // namespace weir::bench
