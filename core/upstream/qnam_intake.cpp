// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/qnam_intake.h"

#include <algorithm>
#include <utility>

namespace weir::upstream {

void QnamIntake::allow(std::int64_t bytes)
{
    m_allowed = std::min(m_allowed + bytes, UnderWayMax);
}

bool QnamIntake::look(std::int64_t taken)
{
    // What is shown between two looks pays for what the first one found and for what the second one finds.
    m_owed = std::max<std::int64_t>(m_owed + std::exchange(m_taken, taken), 0) -
             m_framing * std::exchange(m_shown, 0);
    const std::int64_t forgiven = std::clamp<std::int64_t>(m_owed, 0, m_allowed);
    m_owed -= forgiven;
    m_allowed -= forgiven;
    if (m_owed <= OwedMax)
        return false;
    settle();
    return true;
}

void QnamIntake::settle()
{
    m_owed = m_taken = m_shown = m_allowed = 0;
}

} // namespace weir::upstream
