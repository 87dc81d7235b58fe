// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace weir::app {

/// Whether the first argument is a subcommand: `usage`, `keys`, `backup`, `restore`. They start no engine and
/// need no display.
bool isCommand(const char *argument);

/// Runs a subcommand; `arguments` begin with its name. Needs a QCoreApplication. Prints, and returns the exit
/// code: 0, 1 if it could not be done, 2 for a wrong use.
int runCommand(const QString &program, const QStringList &arguments);

} // namespace weir::app
