// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <QAbstractEventDispatcher>

namespace weir::loop {

/// An event dispatcher for a thread of sockets (EpollDispatcher), to be given to
/// QThread::setEventDispatcher() before each start. Null where the process has no descriptors left: Qt's own
/// does then, too.
std::unique_ptr<QAbstractEventDispatcher> makeDispatcher();

} // namespace weir::loop
