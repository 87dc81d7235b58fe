// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/free_memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace weir::engine {

void FreeMemory::watch(int requests, std::int64_t heldBytes, base::Instant now)
{
    m_hasSeenBurst = m_hasSeenBurst || requests >= BurstRequests || heldBytes >= BurstBytes;
    if (requests > 0)
        m_busyAt = now;
    if (!m_hasSeenBurst || now - m_busyAt < QuietTime)
        return;
    m_hasSeenBurst = false;
    m_giveBack();
}

void FreeMemory::keepNoLargeBlocks()
{
#ifdef __GLIBC__
    // Naming one of the two stops glibc from choosing either; the end of a heap is kept up to what it would
    // have come to, so that reading and freeing blocks of 128 KiB asks the system for nothing.
    constexpr int HeapEndMax = 8 * 1024 * 1024;
    mallopt(M_MMAP_THRESHOLD, LargeBlock);
    mallopt(M_TRIM_THRESHOLD, HeapEndMax);
#endif
}

void FreeMemory::giveBackNow()
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

} // namespace weir::engine
