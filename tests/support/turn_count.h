// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractEventDispatcher>
#include <QEventLoop>
#include <QTimer>

namespace weir::test {

/// How often this thread's event loop wakes up within `milliseconds`: a few times if it has little to do,
/// tens of thousands of times if something keeps it awake.
inline int turnsWithin(int milliseconds)
{
    int turns = 0;
    QEventLoop loop;
    QObject::connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::awake, &loop,
                     [&turns] { ++turns; });
    QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
    loop.exec();
    return turns;
}

} // namespace weir::test
