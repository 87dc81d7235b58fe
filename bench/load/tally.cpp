// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/tally.h"
#include <utility>

namespace weir::load {

void Pulse::miss(const std::string &kind, Nanos now)
{
    if (m_failuresInRow++ == 0)
        m_since = now;
    m_last = kind;
    m_isDead = m_isDead ||
               (m_failuresInRow >= m_patience.failuresMin && now - m_since >= toNanos(m_patience.seconds));
}

std::string Pulse::describe() const
{
    return m_last + ", " + std::to_string(m_failuresInRow) + " times in a row";
}

void Tally::ended(Nanos latency, Nanos now)
{
    m_pulse.beat();
    m_result.latency.add(latency);
    m_intervals.ended(latency, now);
}

void Tally::failed(const std::string &kind, Nanos now)
{
    m_pulse.miss(kind, now);
    m_result.failures.add(kind);
    m_intervals.failed(now);
}

RequestResult Tally::finish()
{
    if (isDead())
        m_result.broken = m_pulse.describe();
    m_result.latency.finish();
    m_result.lateness.finish();
    m_result.intervals = m_intervals.finish(monotonicNow());
    return std::move(m_result);
}

} // namespace weir::load
