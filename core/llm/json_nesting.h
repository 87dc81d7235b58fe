// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/limits.h"
#include <bitset>

namespace weir::llm {

/// Which brackets are open: one bit each, so that JSON of any depth is read without recursion.
class JsonNesting
{
public:
    /// False, and nothing is opened, beyond JsonNestingMax.
    bool open(bool isObject)
    {
        if (m_depth == JsonNestingMax)
            return false;
        m_isObject[m_depth++] = isObject;
        return true;
    }
    /// Only when depth() > 0.
    void close() { --m_depth; }
    bool isInObject() const { return m_depth > 0 && m_isObject[m_depth - 1]; }
    std::size_t depth() const { return m_depth; }

private:
    std::bitset<JsonNestingMax> m_isObject;
    std::size_t m_depth = 0;
};

} // namespace weir::llm
