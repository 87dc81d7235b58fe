// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/display.h"

#include <QtGlobal>

namespace weir::app {

namespace {

/// The platform plugin that was asked for; "" = Qt chooses.
QString wantedPlatform(const QStringList &arguments)
{
    for (qsizetype index = 1; index + 1 < arguments.size(); ++index) {
        if (arguments[index] == QLatin1String("-platform") || arguments[index] == QLatin1String("--platform"))
            return arguments[index + 1];
    }
    return qEnvironmentVariable("QT_QPA_PLATFORM");
}

} // namespace

DisplayState findDisplay(const QStringList &arguments)
{
    const QString platform = wantedPlatform(arguments);
    if (platform.startsWith(QLatin1String("offscreen")) || platform.startsWith(QLatin1String("minimal")))
        return DisplayState::Unseen;
    if (!platform.isEmpty())
        return DisplayState::Seen;
    const bool hasServer =
        !qEnvironmentVariableIsEmpty("DISPLAY") || !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
    return hasServer ? DisplayState::Seen : DisplayState::None;
}

} // namespace weir::app
