// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/key_ring.h"

#include <utility>

namespace weir::pipeline {

KeyRing::KeyRing(keys::KeyCache::Options options, const base::Clock &clock) : m_clock(clock), m_cache(options)
{
}

std::optional<std::uint64_t> KeyRing::await(const keys::KeyHash &hash, base::ExchangeId who)
{
    Awaited &awaited = m_waiting[hash];
    awaited.by.push_back(who);
    if (awaited.by.size() > 1)
        return std::nullopt;
    awaited.question = ++m_questions;
    return awaited.question;
}

bool KeyRing::isAwaited(const keys::KeyHash &hash, std::uint64_t question) const
{
    const auto found = m_waiting.find(hash);
    return found != m_waiting.end() && found->second.question == question;
}

std::vector<base::ExchangeId> KeyRing::takeWaiting(const keys::KeyHash &hash)
{
    const auto found = m_waiting.find(hash);
    if (found == m_waiting.end())
        return {};
    std::vector<base::ExchangeId> waiting = std::move(found->second.by);
    m_waiting.erase(found);
    return waiting;
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
