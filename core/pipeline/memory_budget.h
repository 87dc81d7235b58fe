// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace weir::pipeline {

/// The account of all request bytes that are held in memory, of all exchanges together (LIMITS:
/// limits.memory_budget). Counts; allocates nothing. Proxy thread.
class MemoryBudget
{
public:
    explicit MemoryBudget(std::int64_t limit) : m_limit(limit) {}
    MemoryBudget(const MemoryBudget &) = delete;
    MemoryBudget &operator=(const MemoryBudget &) = delete;

    /// Bytes.
    std::int64_t limit() const { return m_limit; }
    std::int64_t used() const { return m_used; }

    /// What one exchange holds. Gives everything back when it ends.
    class Share
    {
    public:
        /// `budget` is borrowed for the share's life.
        explicit Share(MemoryBudget &budget) : m_budget(budget) {}
        ~Share() { m_budget.m_used -= m_bytes; }
        Share(const Share &) = delete;
        Share &operator=(const Share &) = delete;

        /// Makes it `bytes`. False, and nothing changed, if the budget does not allow it; less is always
        /// allowed.
        bool set(std::int64_t bytes)
        {
            const std::int64_t more = bytes - m_bytes;
            if (more > 0 && more > m_budget.m_limit - m_budget.m_used)
                return false;
            m_budget.m_used += more;
            m_bytes = bytes;
            return true;
        }
        std::int64_t bytes() const { return m_bytes; }

    private:
        MemoryBudget &m_budget;
        std::int64_t m_bytes = 0;
    };

private:
    const std::int64_t m_limit;
    std::int64_t m_used = 0;
};

} // namespace weir::pipeline
