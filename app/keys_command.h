// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace weir::app {

/// `keys create|list|pause|resume|rename|set|rotate|delete|import`: the access keys that tools send to Weir.
/// A new key goes to stdout, alone on a line. As runCommand().
int keysCommand(const QString &program, const QStringList &arguments);

} // namespace weir::app
