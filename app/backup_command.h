// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace weir::app {

/// `backup FILE`: all that is kept (usage, access keys by their hash), into a new file. As runCommand().
int backupCommand(const QString &program, const QStringList &arguments);
/// `restore FILE`: such a file in the place of what is kept, which is moved aside. As runCommand().
int restoreCommand(const QString &program, const QStringList &arguments);

} // namespace weir::app
