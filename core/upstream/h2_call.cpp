// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/h2_call.h"

#include "upstream/h2_session.h"

namespace weir::upstream {

H2Call::H2Call(H2Session &session, const CallRequest &request, CallSink &sink)
    : DirectCall(sink, request.hasBody, session.protocol()), m_session(&session)
{
}

void H2Call::bodyGiven()
{
    if (std::exchange(starved, false))
        nghttp2_session_resume_data(m_session->m_session.get(), id);
    if (isBodyEnded())
        m_session->requestIsWhole();
    else
        m_session->askForTurn();
}

void H2Call::becameDue()
{
    m_session->m_due.push_back(id);
    m_session->askForTurn();
}

void H2Call::delivered(qsizetype bytes)
{
    // Of a stream that has ended there is nothing to give back, which is no error.
    nghttp2_session_consume_stream(m_session->m_session.get(), id, std::size_t(bytes));
    m_session->budget().countMoved(bytes);
    m_session->askForTurn();
}

void H2Call::leave(bool cancelled)
{
    H2Session &session = *std::exchange(m_session, nullptr);
    session.forget(id);
    if (cancelled && !isEnding())
        session.reset(id, NGHTTP2_CANCEL);
}

} // namespace weir::upstream
