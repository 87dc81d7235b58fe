// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "keys/key_cache.h"
#include "keys/rolling_window.h"
#include <map>
#include <optional>
#include <vector>

namespace weir::pipeline {

/// What the store knows of an access key; null = there is no such key.
using FoundKey = base::Result<std::shared_ptr<const keys::AccessKey>>;

/// The access keys of requests: known at once from memory, or awaited from the store, once for all exchanges
/// that show the same one. Brakes guessing without hurting those who know their key. Proxy thread.
class KeyRing
{
public:
    /// So many unknown keys within GuessWindow are told so; further ones are told to wait. Of all clients
    /// together, because on one machine they all have the same address.
    static constexpr std::int64_t GuessesMax = 20;
    static constexpr std::chrono::seconds GuessWindow{10};

    /// `clock` is borrowed for the ring's life.
    KeyRing(keys::KeyCache::Options options, const base::Clock &clock);

    keys::KeyCache::Found find(const keys::KeyHash &hash) { return m_cache.find(hash, m_clock.now()); }

    /// `who` waits for the store's word on this key. A number: it has to be asked, and this is the
    /// question's.
    std::optional<std::uint64_t> await(const keys::KeyHash &hash, base::ExchangeId who);
    /// Somebody still waits for the answer to that question.
    bool isAwaited(const keys::KeyHash &hash, std::uint64_t question) const;
    /// The store has answered, or could not: who has waited for it.
    std::vector<base::ExchangeId> takeWaiting(const keys::KeyHash &hash);
    /// Null = there is no such key.
    void insert(const keys::KeyHash &hash, std::shared_ptr<const keys::AccessKey> key);
    /// A key was changed, deleted or created.
    void forget(const keys::KeyHash &hash) { m_cache.forget(hash); }
    void clear() { m_cache.clear(); }

    /// Somebody has shown an unknown key. Zero, or how long until that is answered again.
    base::Duration noteGuess();

    keys::KeyCache::Figures figures() const { return m_cache.figures(); }

private:
    const base::Clock &m_clock;
    keys::KeyCache m_cache;
    keys::RollingWindow m_guesses{GuessWindow};
    struct Awaited
    {
        std::uint64_t question = 0;
        std::vector<base::ExchangeId> by; // limits.exchanges_max of all keys together
    };
    std::map<keys::KeyHash, Awaited> m_waiting;
    std::uint64_t m_questions = 0;
};

} // namespace weir::pipeline
