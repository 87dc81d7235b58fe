// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/wait.h"

#include <QCoreApplication>
#include <QTimer>

namespace weir::exchanges {

bool waitUntil(const std::function<bool()> &done)
{
    QTimer alarm; // wakes the loop up where nothing else does
    alarm.setSingleShot(true);
    alarm.start(WaitMax);
    while (!done()) {
        if (!alarm.isActive())
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    }
    return true;
}

} // namespace weir::exchanges
