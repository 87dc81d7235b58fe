// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace weir::ui {

/// Opens a file in the program that the desktop has for it. Returns a sentence that says what has happened,
/// or what to do where there is no such program.
QString openFile(const QString &path);

} // namespace weir::ui
