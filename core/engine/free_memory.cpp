// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/free_memory.h"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace weir::engine {

namespace {

/// From memory that the kernel shows as a file; 0 where it does not.
std::int64_t residentBytes()
{
    const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    char text[128];
    const ssize_t size = ::read(file, text, sizeof text - 1);
    ::close(file);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    long long all = 0;
    long long resident = 0;
    if (std::sscanf(text, "%lld %lld", &all, &resident) != 2)
        return 0;
    return resident * ::sysconf(_SC_PAGESIZE);
}

} // namespace

void FreeMemory::watch(int requests, base::Instant now)
{
    if (!std::exchange(m_isWatching, true))
        m_busyAt = m_manyAt = m_gaveAt = now;
    if (requests > 0)
        m_busyAt = now;
    if (requests > FewRequests)
        m_manyAt = now;
    if (!isTime(now))
        return;
    const bool isIdle = requests == 0;
    const std::int64_t resident = m_system.resident();
    m_level = std::min(m_level, resident);
    m_idleLevel = std::min(m_idleLevel, resident);
    if (resident < (isIdle ? m_idleLevel : m_level) + GrownMin)
        return;
    m_system.giveBack();
    m_gaveAt = now;
    m_level = m_system.resident();
    if (isIdle)
        m_idleLevel = m_level;
}

bool FreeMemory::isTime(base::Instant now) const
{
    return now - m_busyAt >= QuietTime || (now - m_manyAt >= QuietTime && now - m_gaveAt >= BusyPause);
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

FreeMemory::System FreeMemory::theSystem()
{
    const auto giveBack = [] {
#ifdef __GLIBC__
        malloc_trim(0);
#endif
    };
    return {residentBytes, giveBack};
}

} // namespace weir::engine
