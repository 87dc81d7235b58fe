// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/h1_call.h"

#include "upstream/h1_session.h"

namespace weir::upstream {

H1Call::H1Call(H1Session &session, const CallRequest &request, CallSink &sink)
    : DirectCall(sink, request.hasBody, session.protocol()), m_session(&session)
{
}

void H1Call::bodyGiven()
{
    m_session->askForTurn();
}

void H1Call::becameDue()
{
    m_session->m_isDue = true;
    m_session->askForTurn();
}

void H1Call::delivered(qsizetype bytes)
{
    m_session->budget().countMoved(bytes); // the socket's buffer is the window
}

void H1Call::leave(bool cancelled)
{
    std::exchange(m_session, nullptr)->callLeft(cancelled);
}

} // namespace weir::upstream
