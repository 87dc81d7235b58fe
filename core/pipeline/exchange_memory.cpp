// SPDX-License-Identifier: GPL-3.0-or-later
// The memory that an exchange takes.
#include "pipeline/exchange.h"
#include "pipeline/pipeline.h"
#include <algorithm>

namespace weir::pipeline {

using base::Errc;

/// The pieces are shared, so the body counts once, for who holds most of it.
std::int64_t Exchange::heldBytes() const
{
    std::int64_t held = m_unsent;
    if (m_gathering)
        held = m_record.requestBytes;
    if (!m_encoded.isEmpty())
        held = m_encoded.size() + m_whole.size();
    if (m_probing && !m_probed.empty())
        held = std::max(held, m_record.requestBytes);
    if (filter)
        held += filter->heldSize();
    if (m_flight)
        held = std::max<std::int64_t>(held, m_flight->replaySize());
    return held;
}

bool Exchange::account()
{
    if (m_held.set(heldBytes()))
        return true;
    // First goes what nobody waits for: another try, and the model's name in the record.
    m_probing = false;
    m_probed.clear();
    if (m_flight)
        m_flight->forgetReplay();
    if (m_held.set(heldBytes()))
        return true;
    stop({Errc::MemoryBudget, std::to_string(m_pipeline.budget().limit()) + " bytes"});
    return false;
}

void Exchange::giveBack()
{
    m_held.set(std::min(heldBytes(), m_held.bytes()));
}

void Exchange::freeBody()
{
    filter.reset();
    m_probed.clear();
    m_whole.clear();
    m_encoded.clear();
    m_edit.reset();
    if (m_flight)
        m_flight->forgetReplay();
    m_held.set(0);
}

} // namespace weir::pipeline
