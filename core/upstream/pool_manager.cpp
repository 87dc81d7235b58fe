// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/pool_manager.h"

namespace weir::upstream {

PoolManager::PoolManager(PoolOptions options, LaneKinds kindOf, const base::Clock &clock, QObject *parent)
    : QObject(parent), m_options(options), m_kindOf(std::move(kindOf)), m_clock(clock)
{
}

PoolManager::~PoolManager() = default;

Pool &PoolManager::pool(const std::string &provider, const Origin &origin)
{
    Pool *&known = m_byName[{provider, origin.text()}];
    if (!known) {
        m_pools.push_back(
            std::make_unique<Pool>(provider, origin, m_kindOf(provider, origin), m_options, m_clock));
        known = m_pools.back().get();
        known->setNumber(int(m_pools.size()) - 1);
    }
    return *known;
}

void PoolManager::drain()
{
    for (const auto &pool : m_pools)
        pool->drain();
}

std::vector<const Pool *> PoolManager::pools() const
{
    std::vector<const Pool *> pools;
    pools.reserve(m_pools.size());
    for (const auto &pool : m_pools)
        pools.push_back(pool.get());
    return pools;
}

} // namespace weir::upstream
