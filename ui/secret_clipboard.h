// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace weir::ui::secret_clipboard {

/// What was copied is taken from the clipboard again this long after clearLater(), if it is still there.
inline constexpr int ClearAfterMs = 30'000;

/// Copies, marked so that clipboard histories that know the mark (KDE's and those that follow it) keep out.
void copy(const QString &secret);
/// Empties the clipboard after ClearAfterMs if it still holds what copy() put there.
void clearLater();
/// Whether it does. For tests and clearLater().
bool holdsSecret();

} // namespace weir::ui::secret_clipboard
