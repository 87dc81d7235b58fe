// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/key_cache.h"

#include <cstring>

namespace weir::keys {

std::size_t KeyCache::FirstBytes::operator()(const KeyHash &hash) const
{
    std::size_t first = 0;
    std::memcpy(&first, hash.data(), sizeof first);
    return first;
}

KeyCache::Found KeyCache::find(const KeyHash &hash, base::Instant now)
{
    const auto found = m_byHash.find(hash);
    if (found == m_byHash.end() || found->second->until <= now) {
        ++m_misses;
        return {};
    }
    ++m_hits;
    m_entries.splice(m_entries.begin(), m_entries, found->second);
    const auto &key = m_entries.front().key;
    return {key ? Answer::Known : Answer::Unknown, key};
}

void KeyCache::insert(const KeyHash &hash, std::shared_ptr<const AccessKey> key, base::Instant now)
{
    forget(hash);
    if (m_options.size == 0)
        return;
    if (m_entries.size() >= m_options.size) {
        m_byHash.erase(m_entries.back().hash);
        m_entries.pop_back();
    }
    m_entries.push_front({hash, std::move(key), now + m_options.timeToLive});
    m_byHash.emplace(hash, m_entries.begin());
}

void KeyCache::forget(const KeyHash &hash)
{
    const auto found = m_byHash.find(hash);
    if (found == m_byHash.end())
        return;
    m_entries.erase(found->second);
    m_byHash.erase(found);
}

void KeyCache::clear()
{
    m_byHash.clear();
    m_entries.clear();
}

} // namespace weir::keys
