// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/next_turn.h"

#include <QCoreApplication>
#include <QEvent>
#include <utility>

namespace weir::base {

void NextTurn::ask()
{
    if (!std::exchange(m_isAsked, true))
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

bool NextTurn::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    m_isAsked = false;
    m_work();
    return true;
}

} // namespace weir::base
