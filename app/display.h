// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

namespace weir::app {

/// What a window of this process would be shown on.
enum class DisplayState
{
    None,   ///< nothing: it cannot be made
    Unseen, ///< memory, as in tests: it can be made, and nobody could press a button in it
    Seen,
};

/// As the arguments and the environment say, before Qt looks, which ends the process if there is none.
DisplayState findDisplay(const QStringList &arguments);

} // namespace weir::app
