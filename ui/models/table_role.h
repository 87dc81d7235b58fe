// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <qnamespace.h>

namespace weir::ui {

/// Roles that the key and usage tables share.
enum TableRole
{
    SortRole = Qt::UserRole, ///< raw value
    SearchRole,              ///< what a filter looks at
    BarRole,                 ///< 0–1: how much of the cell its bar fills; invalid = no bar
    BarIsFullRole,           ///< true: nothing is left
};

} // namespace weir::ui
