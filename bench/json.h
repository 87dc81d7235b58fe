// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench json`: simdjson, as Weir uses it, against QJsonDocument. Returns the exit code.
int json(const QStringList &arguments);

} // namespace weir::bench
