// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "keys/access_key.h"
#include "keys/quota.h"
#include "llm/output_bound.h"
#include "metrics/key_state.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace weir::pipeline {

/// What has been spent before the engine started; null = it could not be read.
using SpentBefore = std::shared_ptr<const std::vector<keys::KeySpent>>;

/// One access key's quota, or that of all requests together.
struct Account
{
    explicit Account(const keys::Limits &limits) : quota(limits) {}

    keys::Quota quota;
    std::uint64_t refused = 0;
    base::Instant lastUsed{};
};

/// What one exchange takes from the accounts; it is settled once (Accounts::settle()).
struct Claim
{
    Account *own = nullptr; ///< of its access key; null = it came without one. Stays while it is in
    bool isIn = false;
    bool isReported = false; ///< the reply is to tell how the accounts stand
    std::int64_t reserved = 0;
    llm::OutputBound output; ///< that the request asks for, if that was read
};

/// Why a request is refused, and by whose limit.
struct LimitRefusal
{
    keys::Denial denial;
    bool isOwn = false; ///< of the access key, else of all requests together
};

/// How much of its window an account has used.
struct Standing
{
    std::int64_t counted = 0;                ///< tokens
    std::int64_t reserved = 0;               ///< tokens set aside for requests in work
    std::optional<std::int64_t> windowLimit; ///< absent = none
    base::Duration windowEndsIn{};           ///< until nothing of what is counted counts any more

    std::int64_t used() const { return counted + reserved; }
};

/// The accounts that requests are counted in: each in that of all together, and in its access key's. An
/// account is made at its key's first use, with what the store knows of it. Proxy thread.
class Accounts
{
public:
    /// Accounts in memory; as many as the store has keys at most. Of more (keys come and go in a long run)
    /// the one goes that nobody has used for the longest time.
    static constexpr std::size_t KeysMax = 10'000;

    /// `all`: limits of all requests together. `clock` is borrowed for its life.
    Accounts(const keys::Limits &all, const base::Clock &clock);

    /// What was spent before. Until it comes no request passes that a limit with a history applies to; what
    /// comes again later counts for keys that have no account yet, those that have been imported since.
    void restore(const SpentBefore &spent);

    /// It matters for this request what was spent before, and that is not known yet.
    bool isPastUnknown(const keys::AccessKey *key) const;
    /// Lets a request in, by its key's limits as they are now, or says why not; then nothing has been
    /// counted.
    std::optional<LimitRefusal> enter(Claim &claim, const keys::AccessKey *key);
    /// Whether tokens have to be set aside for it.
    bool limitsTokens(const Claim &claim) const;
    /// Sets `most` tokens aside in every account of the claim, or as many as there is room for, but not fewer
    /// than `least`; else in none.
    std::optional<LimitRefusal> reserve(Claim &claim, std::int64_t least, std::int64_t most);
    /// The exchange is over: gives back what was set aside and counts what was used.
    void settle(Claim &claim, std::int64_t used);

    /// Of the claim's key if that has a limit of its own, else of all together.
    Standing standing(const Claim &claim);
    /// Of this key alone.
    Standing standingOf(const keys::AccessKey &key);

    /// All of them, that of all together first.
    std::vector<metrics::KeyState> states();

private:
    Account &accountOf(const keys::AccessKey &key, base::Instant now);
    base::WallMs wallFor(base::Instant now) const;
    void dropOne();
    Standing standing(Account &account) const;

    const base::Clock &m_clock;
    Account m_all;
    std::unordered_map<std::int64_t, std::unique_ptr<Account>> m_own;    // by key
    std::unordered_map<std::int64_t, std::vector<keys::Spent>> m_before; // until the key is used
    bool m_isPastKnown = false;
    base::Instant m_restoredAt{};
    base::WallMs m_restoredWall = 0;
};

} // namespace weir::pipeline
