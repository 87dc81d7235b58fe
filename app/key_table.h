// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonObject>
#include <QStringList>

namespace weir::app {

/// The columns of `keys list`, KeyTableTexts of them texts and then numbers, …
QStringList keyTableHead();
inline constexpr qsizetype KeyTableTexts = 8;
/// … and what stands in them for a key as the engine's pages tell of it. Times are this machine's.
QStringList keyTableLine(const QJsonObject &key);

} // namespace weir::app
