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

const KeyCache::Entry *KeyCache::Shelf::find(const KeyHash &hash, base::Instant now)
{
    const auto found = m_byHash.find(hash);
    if (found == m_byHash.end() || found->second->until <= now)
        return nullptr;
    m_entries.splice(m_entries.begin(), m_entries, found->second);
    return &m_entries.front();
}

void KeyCache::Shelf::insert(Entry entry, std::size_t size)
{
    if (size == 0)
        return;
    if (m_entries.size() >= size) {
        m_byHash.erase(m_entries.back().hash);
        m_entries.pop_back();
    }
    m_entries.push_front(std::move(entry));
    m_byHash.emplace(m_entries.front().hash, m_entries.begin());
}

void KeyCache::Shelf::forget(const KeyHash &hash)
{
    const auto found = m_byHash.find(hash);
    if (found == m_byHash.end())
        return;
    m_entries.erase(found->second);
    m_byHash.erase(found);
}

void KeyCache::Shelf::clear()
{
    m_byHash.clear();
    m_entries.clear();
}

KeyCache::Found KeyCache::find(const KeyHash &hash, base::Instant now)
{
    if (const Entry *entry = m_known.find(hash, now)) {
        ++m_hits;
        return {Answer::Known, entry->key};
    }
    if (m_unknown.find(hash, now)) {
        ++m_hits;
        return {Answer::Unknown, nullptr};
    }
    ++m_misses;
    return {};
}

void KeyCache::insert(const KeyHash &hash, std::shared_ptr<const AccessKey> key, base::Instant now)
{
    forget(hash);
    Shelf &shelf = key ? m_known : m_unknown;
    shelf.insert({hash, std::move(key), now + m_options.timeToLive}, m_options.size);
}

void KeyCache::forget(const KeyHash &hash)
{
    m_known.forget(hash);
    m_unknown.forget(hash);
}

void KeyCache::clear()
{
    m_known.clear();
    m_unknown.clear();
}

} // namespace weir::keys
