// SPDX-License-Identifier: GPL-3.0-or-later
#include "loop/dispatcher.h"

#include "loop/epoll_dispatcher.h"

namespace weir::loop {

std::unique_ptr<QAbstractEventDispatcher> makeDispatcher()
{
    auto dispatcher = std::make_unique<EpollDispatcher>();
    if (!dispatcher->isUsable())
        return nullptr;
    return dispatcher;
}

} // namespace weir::loop
