// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace weir::app {

/// `weir secret set|list|test|delete`: providers' keys, in the running Weir, or in the keychain where none
/// runs. A key is read from standard input, never from the command line, which others can see. `arguments`
/// are those after "secret". Needs a QCoreApplication. Prints, and returns the exit code: 0, 1 if it could
/// not be done (or, of test, the key does not work), 2 for a wrong use.
int secretCommand(const QString &program, const QStringList &arguments);

} // namespace weir::app
