// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/key_ring.h"

#include <utility>

namespace weir::pipeline {

KeyRing::KeyRing(keys::KeyCache::Options options, const base::Clock &clock) : m_clock(clock), m_cache(options)
{
}

void KeyRing::insert(const keys::KeyHash &hash, std::shared_ptr<const keys::AccessKey> key)
{
    m_cache.insert(hash, std::move(key), m_clock.now());
}

base::Duration KeyRing::noteGuess()
{
    const base::Instant now = m_clock.now();
    if (m_guesses.used(now) >= GuessesMax)
        return m_guesses.timeUntilAtMost(GuessesMax - 1, now);
    m_guesses.add(1, now);
    return {};
}

} // namespace weir::pipeline
