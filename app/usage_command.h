// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace weir::app {

/// `weir usage`, `weir-headless usage`: what has been used, by model, key, tool, day or provider. `arguments`
/// are those after "usage". Needs a QCoreApplication, starts nothing. Prints, and returns the exit code: 0, 1
/// if it could not be told, 2 for a wrong use.
int usageCommand(const QString &program, const QStringList &arguments);

} // namespace weir::app
