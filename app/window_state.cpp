// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_state.h"

#include "ui/theme.h"
#include <QDir>
#include <QSettings>
#include <QWidget>

namespace weir::app {

namespace {

const QString Geometry = QStringLiteral("geometry");
const QString Theme = QStringLiteral("theme");

/// Qt 6.4 does not know that folder.
QString stateFile()
{
    QString folder = qEnvironmentVariable("XDG_STATE_HOME");
    if (folder.isEmpty())
        folder = QDir::homePath() + QStringLiteral("/.local/state");
    return folder + QStringLiteral("/weir/window.ini");
}

} // namespace

void restoreTheme()
{
    const QSettings settings(stateFile(), QSettings::IniFormat);
    ui::Theme::instance().setChoice(static_cast<ui::Theme::Choice>(settings.value(Theme, 0).toInt()));
}

void restoreGeometry(QWidget &window)
{
    const QSettings settings(stateFile(), QSettings::IniFormat);
    // Qt moves what would lie on a vanished screen back to one that is there.
    window.restoreGeometry(settings.value(Geometry).toByteArray());
}

void saveWindowState(const QWidget &window)
{
    QSettings settings(stateFile(), QSettings::IniFormat);
    settings.setValue(Geometry, window.saveGeometry());
    settings.setValue(Theme, int(ui::Theme::instance().choice()));
}

} // namespace weir::app
