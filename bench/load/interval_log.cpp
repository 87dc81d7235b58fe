// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/interval_log.h"
#include "load/samples.h"
#include <utility>

namespace weir::load {

IntervalLog::IntervalLog(Nanos begin, double intervalSeconds)
    : m_begin(begin), m_length(toNanos(intervalSeconds)), m_until(begin + m_length)
{
}

void IntervalLog::ended(Nanos latency, Nanos now)
{
    if (m_length == 0)
        return;
    advance(now);
    m_latencies.add(latency);
}

void IntervalLog::failed(Nanos now)
{
    if (m_length == 0)
        return;
    advance(now);
    ++m_failed;
}

void IntervalLog::advance(Nanos now)
{
    while (now >= m_until && m_intervals.size() + 1 < IntervalsMax) {
        close(m_until);
        m_until += m_length;
    }
}

void IntervalLog::close(Nanos until)
{
    const std::uint64_t count = m_latencies.count();
    const auto percentile = [&](double share) -> std::optional<Nanos> {
        const auto rank = rankOf(share, count);
        return rank ? std::optional(m_latencies.atRank(*rank)) : std::nullopt;
    };
    m_intervals.push_back({toSeconds(until - m_begin), count, std::exchange(m_failed, 0), percentile(0.5),
                           percentile(0.99), percentile(1)});
    m_latencies.clear();
}

std::vector<Interval> IntervalLog::finish(Nanos now)
{
    if (m_length > 0) {
        advance(now);
        if (m_latencies.count() + m_failed > 0)
            close(now);
    }
    return std::move(m_intervals);
}

} // namespace weir::load
