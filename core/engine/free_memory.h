// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include <cstdint>
#include <functional>
#include <utility>

namespace weir::engine {

/// Hands memory that is free back to the system. After a burst it lies scattered between the few things that
/// live on, where the C library keeps it for ever: 140 MB after 266 uploads, 48 MB after 60 replies that
/// nobody read. Giving it back takes a tenth of a millisecond per MiB, so it is done when nobody waits, and
/// where a few streams never end, seldom. Thread of its owner.
class FreeMemory
{
public:
    /// What resident memory must have grown by since the last time: less is not worth it.
    static constexpr std::int64_t GrownMin = 8LL * 1024 * 1024;
    /// How long there must have been nothing to do …
    static constexpr base::Duration QuietTime = std::chrono::seconds(1);
    /// … or no more than a few requests, and then so long since the last time.
    static constexpr int FewRequests = 8;
    static constexpr base::Duration BusyPause = std::chrono::seconds(30);

    /// What it asks of the system; a test has its own.
    struct System
    {
        std::function<std::int64_t()> resident; ///< bytes of memory that this process has
        std::function<void()> giveBack;
    };

    /// What is resident now is what later growth is held against: before the first request.
    explicit FreeMemory(System system = theSystem())
        : m_system(std::move(system)), m_level(m_system.resident()), m_idleLevel(m_level)
    {
    }

    /// To be called several times per QuietTime.
    void watch(int requests, base::Instant now);

    /// Of the whole process, once and early: blocks of LargeBlock bytes come from the system each for itself
    /// and go back to it at once, however many have gone before. By itself glibc would keep ever larger ones.
    static constexpr int LargeBlock = 512 * 1024;
    static void keepNoLargeBlocks();

private:
    static System theSystem();
    bool isTime(base::Instant now) const;

    const System m_system;
    base::Instant m_busyAt{}; // there was a request
    base::Instant m_manyAt{}; // there were more than a few
    base::Instant m_gaveAt{};
    /// What was resident after the last time: at all, and without requests, which may have held some of it.
    std::int64_t m_level;
    std::int64_t m_idleLevel;
    bool m_isWatching = false;
};

} // namespace weir::engine
