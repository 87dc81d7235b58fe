// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/health.h"

#include <algorithm>

namespace weir::upstream {

namespace {

base::Duration backOff(int failures)
{
    constexpr int DoublingsMax = 20; // far beyond BackOffMax, far below an overflow
    const int doublings = std::min(failures - 1, DoublingsMax);
    return std::min<base::Duration>(Breaker::BackOffMin * (1LL << doublings), Breaker::BackOffMax);
}

} // namespace

bool isConnectFailure(base::Errc code)
{
    switch (code) {
    case base::Errc::UpstreamRefused:
    case base::Errc::UpstreamNotFound:
    case base::Errc::UpstreamTls:
    case base::Errc::ConnectTimeout:
        return true;
    default:
        return false;
    }
}

void Breaker::succeeded()
{
    m_failures = 0;
    m_retryAt = {};
}

void Breaker::failed(base::Instant began, base::Instant now)
{
    if (m_failures > 0 && began < m_failedAt)
        return;
    ++m_failures;
    m_failedAt = now;
    m_retryAt = now + backOff(m_failures);
}

bool Breaker::mayTry(base::Instant now, int connecting) const
{
    return m_failures == 0 || (now >= m_retryAt && connecting == 0);
}

BreakerState Breaker::state(base::Instant now) const
{
    if (m_failures < FailuresToOpen)
        return BreakerState::Closed;
    return now < m_retryAt ? BreakerState::Open : BreakerState::HalfOpen;
}

} // namespace weir::upstream
