// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/quota.h"

#include <algorithm>
#include <QtGlobal>

namespace weir::keys {

namespace {

constexpr std::int64_t clampTokens(std::int64_t tokens)
{
    return std::clamp<std::int64_t>(tokens, 0, RollingWindow::AmountMax);
}

constexpr base::Duration clampWindow(base::Duration length)
{
    return std::clamp<base::Duration>(length, std::chrono::milliseconds(1), WindowMax);
}

} // namespace

Quota::Quota(const Limits &limits) : m_limits(limits), m_window(clampWindow(limits.window)) {}

void Quota::setLimits(const Limits &limits, base::Instant now)
{
    RollingWindow other(clampWindow(limits.window));
    if (other.length() != m_window.length()) {
        // The finer of those that reach far enough back, else the one that reaches farthest.
        const bool isWindowFiner = m_window.length() < m_day.length();
        RollingWindow &finer = isWindowFiner ? m_window : m_day;
        RollingWindow &longer = isWindowFiner ? m_day : m_window;
        RollingWindow &source = other.length() <= finer.length() ? finer : longer;
        constexpr base::WallMs AnyTime = 0; // only what lies between two times matters here
        other.restore(source.toRest(now, AnyTime), now, AnyTime);
        m_window = other;
    }
    m_limits = limits;
}

void Quota::restore(const std::vector<Spent> &spent, base::Instant now, base::WallMs wallNow)
{
    m_window.restore(spent, now, wallNow);
    m_day.restore(spent, now, wallNow);
}

std::optional<Denial> Quota::checkEntry(base::Instant now)
{
    if (m_limits.concurrent && m_running >= *m_limits.concurrent)
        return Denial{LimitKind::Concurrent, m_running, *m_limits.concurrent, 1, std::nullopt};
    if (const auto most = m_limits.requestsPerMinute) {
        const std::int64_t used = m_requestMinute.used(now);
        if (used >= *most) {
            return Denial{LimitKind::RequestsPerMinute, used, *most, 1,
                          *most > 0 ? std::optional(m_requestMinute.timeUntilAtMost(*most - 1, now))
                                    : std::nullopt};
        }
    }
    return std::nullopt;
}

std::optional<Denial> Quota::enter(base::Instant now)
{
    if (auto denial = checkEntry(now))
        return denial;
    m_requestMinute.add(1, now);
    ++m_running;
    return std::nullopt;
}

void Quota::leave()
{
    Q_ASSERT(m_running > 0);
    --m_running;
}

std::int64_t Quota::room(base::Instant now)
{
    std::int64_t room = RollingWindow::AmountMax;
    const auto hold = [&](const std::optional<std::int64_t> &most, RollingWindow &spent) {
        if (most)
            room = std::min(room, *most - spent.used(now) - m_reserved);
    };
    hold(m_limits.tokensPerDay, m_day);
    hold(m_limits.tokensPerWindow, m_window);
    hold(m_limits.tokensPerMinute, m_tokenMinute);
    return std::max<std::int64_t>(room, 0);
}

std::optional<Denial> Quota::reserve(std::int64_t tokens, base::Instant now)
{
    tokens = clampTokens(tokens);
    // The longest first: of several reasons the one is told that lasts longest.
    if (auto denial = checkTokens(LimitKind::TokensPerDay, m_limits.tokensPerDay, m_day, tokens, now))
        return denial;
    if (auto denial =
            checkTokens(LimitKind::TokensPerWindow, m_limits.tokensPerWindow, m_window, tokens, now))
        return denial;
    if (auto denial =
            checkTokens(LimitKind::TokensPerMinute, m_limits.tokensPerMinute, m_tokenMinute, tokens, now))
        return denial;
    m_reserved += tokens;
    return std::nullopt;
}

std::optional<Denial> Quota::checkTokens(LimitKind kind, std::optional<std::int64_t> most,
                                         RollingWindow &spent, std::int64_t tokens, base::Instant now) const
{
    if (!most)
        return std::nullopt;
    const std::int64_t used = spent.used(now) + m_reserved;
    if (tokens <= *most - used)
        return std::nullopt;
    Denial denial{kind, used, *most, tokens, std::nullopt};
    // What running requests hold back may come free at any time, what was spent only with time.
    if (tokens <= *most - m_reserved)
        denial.freesIn = spent.timeUntilAtMost(*most - m_reserved - tokens, now);
    return denial;
}

void Quota::settle(std::int64_t reserved, std::int64_t used, base::Instant now)
{
    m_reserved -= clampTokens(reserved);
    Q_ASSERT(m_reserved >= 0);
    used = clampTokens(used);
    m_window.add(used, now);
    m_day.add(used, now);
    m_tokenMinute.add(used, now);
}

} // namespace weir::keys
