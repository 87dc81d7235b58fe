// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::bench {

/// `weir-bench show REPORT.json`: a stored report as tables, page or part of a document. `arguments` begin
/// with the program's name; returns the exit code.
int show(const QStringList &arguments);

/// `weir-bench diff OLD.json NEW.json`: what moved between two stored reports, alike.
int diff(const QStringList &arguments);

} // namespace weir::bench
