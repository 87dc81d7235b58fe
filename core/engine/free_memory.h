// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include <cstdint>
#include <functional>

namespace weir::engine {

/// Hands memory that is free back to the system. After many requests at once it lies scattered between the
/// few things that live on, where the C library keeps it for ever: 140 MB after 266 uploads. Giving it back
/// takes milliseconds, so it is done when nobody waits. Thread of its owner.
class FreeMemory
{
public:
    /// What makes a burst: requests at work at a time, or bytes of them held.
    static constexpr int BurstRequests = 64;
    static constexpr std::int64_t BurstBytes = 32LL * 1024 * 1024;
    /// How long there must have been nothing to do.
    static constexpr base::Duration QuietTime = std::chrono::seconds(1);

    /// `giveBack` is the C library's unless a test wants to know.
    explicit FreeMemory(std::function<void()> giveBack = giveBackNow) : m_giveBack(std::move(giveBack)) {}

    /// To be called several times per QuietTime.
    void watch(int requests, std::int64_t heldBytes, base::Instant now);

    /// Of the whole process, once and early: blocks of LargeBlock bytes come from the system each for itself
    /// and go back to it at once, however many have gone before. By itself glibc would keep ever larger ones.
    static constexpr int LargeBlock = 512 * 1024;
    static void keepNoLargeBlocks();

private:
    static void giveBackNow();

    const std::function<void()> m_giveBack;
    bool m_hasSeenBurst = false;
    base::Instant m_busyAt{};
};

} // namespace weir::engine
