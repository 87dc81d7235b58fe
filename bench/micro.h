// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench micro`: nanoseconds per operation, room by room. Returns the exit code.
int micro(const QStringList &arguments);

} // namespace weir::bench
