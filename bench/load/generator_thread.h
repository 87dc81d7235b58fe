// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/run.h"
#include <atomic>
#include <functional>

namespace weir::load {

/// What the thread that generates load and the one that waits for it share.
class Reins
{
public:
    bool shouldStop() const { return m_stop.load(std::memory_order_relaxed); }
    void setShare(double share) { m_share.store(share, std::memory_order_relaxed); }

    void stop() { m_stop.store(true, std::memory_order_relaxed); }
    double share() const { return m_share.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> m_stop = false;
    std::atomic<double> m_share = 0;
};

/// Runs `generate` in a thread of its own, with the finest timers, and serves `control` until it returns.
void runInThread(const Control &control, const std::function<void(Reins &)> &generate);

} // namespace weir::load
