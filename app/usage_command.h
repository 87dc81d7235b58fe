// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace weir::app {

/// `usage`: what has been used, by model, key, tool, day or provider. As runCommand().
int usageCommand(const QString &program, const QStringList &arguments);

} // namespace weir::app
