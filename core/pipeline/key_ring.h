// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/result.h"
#include "keys/key_cache.h"
#include "keys/rolling_window.h"
#include <memory>

namespace weir::pipeline {

/// What the store knows of an access key; null = there is no such key.
using FoundKey = base::Result<std::shared_ptr<const keys::AccessKey>>;

/// The access keys of requests, as far as memory knows them; the others have to be asked for
/// (Pipeline::awaitKey()). Brakes guessing without hurting those who know their key. Proxy thread.
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

    /// The store has answered. Null = there is no such key.
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
};

} // namespace weir::pipeline
