// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/h1_call.h"

#include "upstream/h1_session.h"

namespace weir::upstream {

void H1Call::bodyGiven()
{
    m_session->askForTurn();
}

void H1Call::resumed()
{
    m_session->m_resumed = true;
    m_session->askForTurn();
}

void H1Call::leave(bool cancelled)
{
    std::exchange(m_session, nullptr)->callLeft(cancelled);
}

} // namespace weir::upstream
