// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/headers.h"
#include <algorithm>
#include <array>

namespace weir::http {

/// A fixed set of field names, compared as RFC 9110 §5.1 asks. Made at compile time; a name that is not in it
/// is told so by its first letter and its size, nearly always without a comparison: every field of every
/// request is held against several sets.
template<std::size_t Count>
class NameSet
{
public:
    /// `names` begin with a letter and outlive the set.
    constexpr explicit NameSet(const std::array<std::string_view, Count> &names) : m_names(names)
    {
        for (const std::string_view name : names)
            m_sizes[row(name)] |= bit(name);
    }

    bool contains(std::string_view name) const
    {
        return !name.empty() && (m_sizes[row(name)] & bit(name)) != 0 && isAmong(m_names, name);
    }

private:
    static constexpr std::size_t Rows = 32; // a letter's lower five bits are the same in either case
    static constexpr std::size_t row(std::string_view name) { return std::size_t(name.front()) % Rows; }
    static constexpr std::uint32_t bit(std::string_view name)
    {
        return std::uint32_t{1} << std::min<std::size_t>(name.size(), 31);
    }

    std::array<std::string_view, Count> m_names;
    std::array<std::uint32_t, Rows> m_sizes{}; // by first letter: which sizes occur
};

} // namespace weir::http
