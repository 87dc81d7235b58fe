// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/accounts.h"

#include <algorithm>
#include <QtGlobal>
#include <utility>

namespace weir::pipeline {

namespace {

std::optional<LimitRefusal> refused(Account &account, const keys::Denial &denial, bool isOwn)
{
    ++account.refused;
    return LimitRefusal{denial, isOwn};
}

} // namespace

Accounts::Accounts(const keys::Limits &all, const base::Clock &clock) : m_clock(clock), m_all(all) {}

void Accounts::restore(const SpentBefore &spent)
{
    if (!spent)
        return;
    if (std::exchange(m_isPastKnown, true)) {
        for (const keys::KeySpent &each : *spent) {
            if (each.keyId != 0 && !m_own.contains(each.keyId))
                m_before.insert_or_assign(each.keyId, each.spent);
        }
        return;
    }
    const base::Instant now = m_restoredAt = m_clock.now();
    const base::WallMs wallNow = m_restoredWall = m_clock.wallNow();
    for (const keys::KeySpent &each : *spent) {
        if (each.keyId == 0)
            m_all.quota.restore(each.spent, now, wallNow);
        else if (const auto found = m_own.find(each.keyId); found != m_own.end())
            found->second->quota.restore(each.spent, now, wallNow);
        else
            m_before.insert_or_assign(each.keyId, each.spent);
    }
}

/// The wall time as it goes on from the start, whatever somebody has set the clock to since.
base::WallMs Accounts::wallFor(base::Instant now) const
{
    return m_restoredWall + std::chrono::duration_cast<std::chrono::milliseconds>(now - m_restoredAt).count();
}

Account &Accounts::accountOf(const keys::AccessKey &key, base::Instant now)
{
    std::unique_ptr<Account> &account = m_own[key.id];
    if (!account) {
        account = std::make_unique<Account>(key.limits);
        account->lastUsed = now;
        if (const auto before = m_before.find(key.id); before != m_before.end()) {
            account->quota.restore(before->second, now, wallFor(now));
            m_before.erase(before);
        }
        Account &made = *account;
        if (m_own.size() > KeysMax)
            dropOne();
        return made;
    }
    account->lastUsed = now;
    if (account->quota.limits() != key.limits)
        account->quota.setLimits(key.limits, now);
    return *account;
}

/// The one that was used longest ago and carries nothing now; the new one is the newest.
void Accounts::dropOne()
{
    const auto oldest = std::min_element(m_own.begin(), m_own.end(), [](const auto &a, const auto &b) {
        const bool aRuns = a.second->quota.running() > 0;
        const bool bRuns = b.second->quota.running() > 0;
        return aRuns != bRuns ? bRuns : a.second->lastUsed < b.second->lastUsed;
    });
    if (oldest->second->quota.running() == 0)
        m_own.erase(oldest);
}

bool Accounts::isPastUnknown(const keys::AccessKey *key) const
{
    return !m_isPastKnown && (m_all.quota.limits().hasHistory() || (key && key->limits.hasHistory()));
}

std::optional<LimitRefusal> Accounts::enter(Claim &claim, const keys::AccessKey *key)
{
    Q_ASSERT(!claim.isIn);
    const base::Instant now = m_clock.coarseNow();
    Account *const own = key ? &accountOf(*key, now) : nullptr;
    claim.own = own;
    if (own) {
        if (const auto denial = own->quota.checkEntry(now))
            return refused(*own, *denial, true);
    }
    if (const auto denial = m_all.quota.enter(now))
        return refused(m_all, *denial, false);
    if (own)
        own->quota.enter(now);
    claim.isIn = true;
    return std::nullopt;
}

bool Accounts::limitsTokens(const Claim &claim) const
{
    return m_all.quota.limits().hasTokens() || (claim.own && claim.own->quota.limits().hasTokens());
}

std::optional<LimitRefusal> Accounts::reserve(Claim &claim, std::int64_t least, std::int64_t most)
{
    Q_ASSERT(claim.isIn && claim.reserved == 0 && least <= most);
    const base::Instant now = m_clock.coarseNow();
    std::int64_t tokens = std::min(most, m_all.quota.room(now));
    if (claim.own)
        tokens = std::min(tokens, claim.own->quota.room(now));
    tokens = std::max(tokens, least); // for which there may be no room
    if (claim.own) {
        if (const auto denial = claim.own->quota.reserve(tokens, now))
            return refused(*claim.own, *denial, true);
    }
    if (const auto denial = m_all.quota.reserve(tokens, now)) {
        if (claim.own)
            claim.own->quota.settle(tokens, 0, now);
        return refused(m_all, *denial, false);
    }
    claim.reserved = tokens;
    return std::nullopt;
}

void Accounts::settle(Claim &claim, std::int64_t used)
{
    if (!std::exchange(claim.isIn, false))
        return;
    const base::Instant now = m_clock.coarseNow();
    const std::int64_t reserved = std::exchange(claim.reserved, 0);
    for (Account *account : {&m_all, claim.own}) {
        if (!account)
            continue;
        account->quota.settle(reserved, used, now);
        account->quota.leave();
    }
    claim.own = nullptr;
}

Standing Accounts::standing(Account &account) const
{
    const base::Instant now = m_clock.coarseNow();
    return {account.quota.tokensInWindow(now), account.quota.reserved(),
            account.quota.limits().tokensPerWindow, account.quota.windowEndsIn(now)};
}

Standing Accounts::standing(const Claim &claim)
{
    const bool isOwn =
        claim.own && (claim.own->quota.limits().tokensPerWindow || !m_all.quota.limits().tokensPerWindow);
    return standing(isOwn ? *claim.own : m_all);
}

Standing Accounts::standingOf(const keys::AccessKey &key)
{
    return standing(accountOf(key, m_clock.coarseNow()));
}

std::vector<metrics::KeyState> Accounts::states()
{
    const base::Instant now = m_clock.coarseNow();
    std::vector<metrics::KeyState> states;
    states.reserve(m_own.size() + 1);
    const auto add = [&](std::int64_t id, Account &account) {
        keys::Quota &quota = account.quota;
        states.push_back({id, quota.tokensInWindow(now), quota.limits().tokensPerWindow, quota.reserved(),
                          quota.running(), account.refused});
    };
    add(0, m_all);
    for (const auto &[id, account] : m_own)
        add(id, *account);
    std::sort(states.begin(), states.end(), [](const auto &a, const auto &b) { return a.id < b.id; });
    return states;
}

} // namespace weir::pipeline
