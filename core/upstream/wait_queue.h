// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/call.h"
#include <array>
#include <cstddef>
#include <deque>
#include <vector>

namespace weir::upstream {

class PooledCall;

/// The calls that wait for a lane: interactive ones before background ones, within each first in, first out.
/// A background call cannot starve for ever, because every call's wait is bounded (pool.queue_wait_ms).
/// Borrows the calls until they are taken out.
class WaitQueue
{
public:
    void push(PooledCall &call, Priority priority);
    /// Before all others of its priority: it has waited before.
    void pushFirst(PooledCall &call, Priority priority);
    /// The next one, taken out; null if none waits.
    PooledCall *pop();
    void remove(PooledCall &call, Priority priority);

    bool empty() const { return size() == 0; }
    std::size_t size() const { return m_calls[0].size() + m_calls[1].size(); }
    std::size_t size(Priority priority) const { return m_calls[std::size_t(priority)].size(); }
    /// All of them in their order.
    std::vector<PooledCall *> all() const;

private:
    std::array<std::deque<PooledCall *>, 2> m_calls; // by Priority
};

} // namespace weir::upstream
