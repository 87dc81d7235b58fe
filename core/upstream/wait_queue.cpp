// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/wait_queue.h"

namespace weir::upstream {

void WaitQueue::push(PooledCall &call, Priority priority)
{
    m_calls[std::size_t(priority)].push_back(&call);
}

void WaitQueue::pushFirst(PooledCall &call, Priority priority)
{
    m_calls[std::size_t(priority)].push_front(&call);
}

PooledCall *WaitQueue::pop()
{
    for (std::deque<PooledCall *> &calls : m_calls) {
        if (calls.empty())
            continue;
        PooledCall *next = calls.front();
        calls.pop_front();
        return next;
    }
    return nullptr;
}

void WaitQueue::remove(PooledCall &call, Priority priority)
{
    std::erase(m_calls[std::size_t(priority)], &call);
}

std::vector<PooledCall *> WaitQueue::all() const
{
    std::vector<PooledCall *> all;
    all.reserve(size());
    for (const std::deque<PooledCall *> &calls : m_calls)
        all.insert(all.end(), calls.begin(), calls.end());
    return all;
}

} // namespace weir::upstream
