// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "keys/access_key.h"
#include <list>
#include <memory>
#include <unordered_map>

namespace weir::keys {

/// Access keys in memory, so that a request does not wait for the store: the most recently used ones, each
/// for a limited time. That a key is unknown is remembered too, or guessing would reach the store every time;
/// apart, so that no number of guesses pushes a good key out. Pure; the caller passes the time in.
class KeyCache
{
public:
    struct Options
    {
        std::size_t size = 1000; ///< keys.cache_size; the one used longest ago goes. As many unknown ones
        base::Duration timeToLive = std::chrono::minutes(5); ///< keys.cache_ttl_ms
    };
    struct Figures
    {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::size_t entries = 0;
    };

    explicit KeyCache(Options options) : m_options(options) {}

    enum class Answer : std::uint8_t
    {
        Known,
        Unknown, ///< the store has said that there is no such key
        Ask      ///< the store has to be asked
    };
    struct Found
    {
        Answer answer = Answer::Ask;
        std::shared_ptr<const AccessKey> key; ///< with Known
    };
    Found find(const KeyHash &hash, base::Instant now);

    /// The store's answer; null = there is no such key.
    void insert(const KeyHash &hash, std::shared_ptr<const AccessKey> key, base::Instant now);
    /// A key was changed, deleted or created: whatever is remembered of it is wrong.
    void forget(const KeyHash &hash);
    void clear();

    Figures figures() const { return {m_hits, m_misses, m_known.count() + m_unknown.count()}; }

private:
    /// A hash is random already.
    struct FirstBytes
    {
        std::size_t operator()(const KeyHash &hash) const;
    };
    struct Entry
    {
        KeyHash hash;
        std::shared_ptr<const AccessKey> key;
        base::Instant until;
    };
    /// Entries up to a number; the one used longest ago goes.
    class Shelf
    {
    public:
        /// Null if it is not here, or no longer valid. The newest afterwards.
        const Entry *find(const KeyHash &hash, base::Instant now);
        void insert(Entry entry, std::size_t size);
        void forget(const KeyHash &hash);
        void clear();
        std::size_t count() const { return m_entries.size(); }

    private:
        using Entries = std::list<Entry>; // most recently used first

        Entries m_entries;
        std::unordered_map<KeyHash, Entries::iterator, FirstBytes> m_byHash;
    };

    const Options m_options;
    Shelf m_known;
    Shelf m_unknown;
    std::uint64_t m_hits = 0;
    std::uint64_t m_misses = 0;
};

} // namespace weir::keys
