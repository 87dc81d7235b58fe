// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench stream`: time to the first chunk of event streams, and the one-way lag of each chunk.
/// `arguments` begin with the program's name; returns the exit code.
int stream(const QStringList &arguments);

} // namespace weir::bench
