// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "load/run.h"
#include <string>

namespace weir::load {

/// Watches whether a target is still alive: it is dead after nothing but failures for long enough.
class Pulse
{
public:
    explicit Pulse(const Patience &patience) : m_patience(patience) {}

    void beat() { m_failuresInRow = 0; }
    void miss(const std::string &kind, Nanos now);
    bool isDead() const { return m_isDead; }
    /// "connection refused, 57 times in a row".
    std::string describe() const;

private:
    const Patience m_patience;
    std::uint64_t m_failuresInRow = 0;
    Nanos m_since = 0;
    std::string m_last;
    bool m_isDead = false;
};

/// Counts what becomes of the requests to one target.
class Tally
{
public:
    Tally(const Patience &patience, Nanos begin, double intervalSeconds)
        : m_pulse(patience), m_intervals(begin, intervalSeconds)
    {
    }

    void ended(Nanos latency, Nanos now);
    void failed(const std::string &kind, Nanos now);
    void late(Nanos nanos) { m_result.lateness.add(nanos); }
    bool isDead() const { return m_pulse.isDead(); }

    RequestResult &result() { return m_result; }
    /// The result, complete.
    RequestResult finish();

private:
    Pulse m_pulse;
    IntervalLog m_intervals;
    RequestResult m_result;
};

} // namespace weir::load
