// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace weir::app {

// What the window is remembered by, in $XDG_STATE_HOME/weir/window.ini.

void restoreTheme();
void restoreGeometry(QWidget &window);
void saveWindowState(const QWidget &window);

} // namespace weir::app
