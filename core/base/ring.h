// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

namespace weir::base {

/// Keeps the newest `capacity` values; the oldest goes when a new one comes. Index 0 is the oldest.
template<typename T>
class Ring
{
public:
    explicit Ring(std::size_t capacity) : m_capacity(capacity ? capacity : 1) {}

    void push(T value)
    {
        if (m_values.size() < m_capacity) {
            m_values.push_back(std::move(value));
            return;
        }
        m_values[m_oldest] = std::move(value);
        m_oldest = (m_oldest + 1) % m_capacity;
    }

    void clear()
    {
        m_values.clear();
        m_oldest = 0;
    }

    std::size_t size() const { return m_values.size(); }
    std::size_t capacity() const { return m_capacity; }
    bool empty() const { return m_values.empty(); }
    const T &operator[](std::size_t index) const { return m_values[(m_oldest + index) % m_values.size()]; }
    const T &newest() const { return (*this)[m_values.size() - 1]; }

private:
    std::size_t m_capacity;
    std::size_t m_oldest = 0;
    std::vector<T> m_values; // grows on demand: an idle ring of 10,000 costs nothing
};

} // namespace weir::base
