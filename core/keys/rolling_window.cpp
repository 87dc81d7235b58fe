// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/rolling_window.h"

#include <algorithm>

namespace weir::keys {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

RollingWindow::RollingWindow(base::Duration length)
    : m_width(std::max(length / BucketCount, base::Duration(1)))
{
}

void RollingWindow::advance(base::Instant now)
{
    m_latest = m_started ? std::max(m_latest, now) : now;
    const std::int64_t bucket = m_latest.time_since_epoch() / m_width;
    if (!m_started) {
        m_started = true;
        m_current = bucket;
        return;
    }
    // At most once around: after that everything has left.
    const std::int64_t steps = std::min(bucket - m_current, SlotCount);
    for (std::int64_t step = 1; step <= steps; ++step) {
        std::int64_t &left = slot(bucket - steps + step);
        m_sum -= left;
        left = 0;
    }
    m_current = bucket;
}

void RollingWindow::add(std::int64_t amount, base::Instant now)
{
    advance(now);
    amount = std::clamp<std::int64_t>(amount, 0, AmountMax - m_sum);
    slot(m_current) += amount;
    m_sum += amount;
}

std::int64_t RollingWindow::used(base::Instant now)
{
    advance(now);
    return m_sum;
}

base::Duration RollingWindow::timeUntilAtMost(std::int64_t most, base::Instant now)
{
    advance(now);
    most = std::max<std::int64_t>(most, 0);
    std::int64_t left = m_sum;
    for (std::int64_t bucket = m_current - BucketCount; bucket <= m_current && left > most; ++bucket) {
        left -= bucket < 0 ? 0 : slot(bucket);
        if (left <= most) {
            const base::Instant gone{m_width * (bucket + SlotCount)};
            return gone - m_latest;
        }
    }
    return base::Duration::zero();
}

std::vector<Spent> RollingWindow::toRest(base::Instant now, base::WallMs wallNow)
{
    advance(now);
    std::vector<Spent> spent;
    for (std::int64_t bucket = std::max<std::int64_t>(m_current - BucketCount, 0); bucket <= m_current;
         ++bucket) {
        if (slot(bucket) == 0)
            continue;
        const base::Instant end = std::min(base::Instant{m_width * (bucket + 1)}, m_latest);
        spent.push_back({wallNow - duration_cast<milliseconds>(m_latest - end).count(), slot(bucket)});
    }
    return spent;
}

void RollingWindow::restore(const std::vector<Spent> &spent, base::Instant now, base::WallMs wallNow)
{
    advance(now);
    for (const Spent &each : spent) {
        const base::Duration age = milliseconds(std::clamp<std::int64_t>(
            wallNow - each.at, 0, duration_cast<milliseconds>(m_width * SlotCount).count() + 1));
        const std::int64_t bucket = (m_latest - age).time_since_epoch() / m_width;
        if (bucket < 0 || bucket < m_current - BucketCount)
            continue;
        const std::int64_t amount = std::clamp<std::int64_t>(each.amount, 0, AmountMax - m_sum);
        slot(bucket) += amount;
        m_sum += amount;
    }
}

} // namespace weir::keys
