// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "keys/rolling_window.h"
#include <cstdint>
#include <optional>

namespace weir::keys {

/// The longest window, so that what is stored of it has an end.
inline constexpr base::Duration WindowMax = std::chrono::hours(24 * 7);

/// What a key, or all of them together, may use. Absent = no such limit.
struct Limits
{
    std::optional<std::int64_t> tokensPerWindow;
    base::Duration window = std::chrono::hours(5);
    std::optional<std::int64_t> tokensPerDay;
    std::optional<std::int64_t> tokensPerMinute;
    std::optional<std::int64_t> requestsPerMinute;
    std::optional<std::int64_t> concurrent;

    bool hasTokens() const { return tokensPerWindow || tokensPerDay || tokensPerMinute; }
    /// Whether what was spent before the start of the program counts for one of them.
    bool hasHistory() const { return tokensPerWindow || tokensPerDay; }
    bool operator==(const Limits &) const = default;
};

enum class LimitKind : std::uint8_t
{
    TokensPerWindow,
    TokensPerDay,
    TokensPerMinute,
    RequestsPerMinute,
    Concurrent
};

/// Why a request has to wait: which limit, how much of it is used or reserved, and when that is less.
struct Denial
{
    LimitKind limit = LimitKind::Concurrent;
    std::int64_t used = 0; ///< what is reserved for requests in work included
    std::int64_t most = 0;
    std::int64_t asked = 1; ///< by this request alone
    /// Absent where no time is known: it depends on when running requests end, or the request alone is larger
    /// than the limit.
    std::optional<base::Duration> freesIn;

    /// No waiting helps: the request alone is larger than the limit.
    bool isForEver() const { return asked > most; }
};

/// The account of one key. A request is let in by enter(), reserves its tokens before it is sent on, is
/// settled with what it really used, and leaves. Reserved tokens count as used meanwhile, so requests that
/// run at the same time cannot overshoot together. Pure arithmetic; one thread.
class Quota
{
public:
    explicit Quota(const Limits &limits);

    /// What is allowed from now on; what has been counted stays. A window of another length begins with what
    /// the one before, or the day, still knows: nothing is lost unless it becomes longer than both.
    void setLimits(const Limits &limits, base::Instant now);

    /// Why a request would not be let in.
    std::optional<Denial> checkEntry(base::Instant now);
    /// Lets one request in, or says why not; nothing is counted then. Each entry needs one leave().
    std::optional<Denial> enter(base::Instant now);
    void leave();

    /// Tokens that may be set aside now; AmountMax where none are limited.
    std::int64_t room(base::Instant now);
    /// Sets `tokens` aside, all or none. Each reservation needs one settle().
    std::optional<Denial> reserve(std::int64_t tokens, base::Instant now);
    /// Gives back what was reserved and counts what was used instead. May be more: then the next ones wait.
    void settle(std::int64_t reserved, std::int64_t used, base::Instant now);

    const Limits &limits() const { return m_limits; }
    std::int64_t tokensInWindow(base::Instant now) { return m_window.used(now); }
    std::int64_t reserved() const { return m_reserved; }
    std::int64_t running() const { return m_running; }

    /// How long until nothing of tokensInWindow() counts any more.
    base::Duration windowEndsIn(base::Instant now) { return m_window.timeUntilAtMost(0, now); }

    /// Takes up what was stored, besides what has been counted: the two long windows. The short ones are over
    /// before a restart is.
    void restore(const std::vector<Spent> &spent, base::Instant now, base::WallMs wallNow);

private:
    std::optional<Denial> checkTokens(LimitKind kind, std::optional<std::int64_t> most, RollingWindow &spent,
                                      std::int64_t tokens, base::Instant now) const;

    Limits m_limits;
    RollingWindow m_window;
    RollingWindow m_day{std::chrono::hours(24)};
    RollingWindow m_tokenMinute{std::chrono::minutes(1)};
    RollingWindow m_requestMinute{std::chrono::minutes(1)};
    std::int64_t m_reserved = 0;
    std::int64_t m_running = 0;
};

} // namespace weir::keys
