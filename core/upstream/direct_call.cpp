// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/direct_call.h"

#include "upstream/pooled_call.h"

namespace weir::upstream {

void DirectCall::sendBody(QByteArray bytes)
{
    if (m_left || m_bodyEnded || m_ending)
        return;
    m_body.append(std::move(bytes));
    m_bodyFull = m_bodyFull || m_body.size() > BodyHighWatermark;
    bodyGiven();
}

void DirectCall::endBody()
{
    if (m_left || m_bodyEnded)
        return;
    m_bodyEnded = true;
    bodyGiven();
}

bool DirectCall::takeBodyWanted()
{
    if (!m_bodyFull || m_body.size() > BodyHighWatermark / 2)
        return false;
    m_bodyFull = false;
    return true;
}

void DirectCall::tellBodyWanted()
{
    if (!m_bodyEnded && !m_ending)
        m_sink.onBodyWanted();
}

void DirectCall::tellHead(http::ResponseHead head, std::string_view protocol)
{
    m_sink.onHead(std::move(head), protocol);
}

void DirectCall::tellChunk(QByteArray bytes)
{
    if (m_paused || !m_held.isEmpty()) {
        m_held.append(std::move(bytes));
        return;
    }
    delivered(bytes.size());
    m_sink.onChunk(std::move(bytes));
}

void DirectCall::resume()
{
    m_paused = false;
    if (!m_left)
        resumed();
}

bool DirectCall::deliverNext()
{
    if (m_paused || m_left)
        return false;
    if (!m_held.isEmpty()) {
        QByteArray piece = m_held.takeFirst();
        delivered(piece.size());
        m_sink.onChunk(std::move(piece));
        return true;
    }
    if (m_ending)
        tellEnd();
    return false;
}

void DirectCall::end(base::Error why, Processed processed)
{
    if (m_left || m_ending)
        return;
    m_ending = Ending{std::move(why), processed};
    if (m_held.isEmpty())
        tellEnd();
}

void DirectCall::tellEnd()
{
    const Ending ending = *std::move(m_ending);
    CallSink &sink = m_sink;
    m_left = true;
    leave(false);
    if (ending.why.code == base::Errc::None)
        sink.onEnd();
    else
        sink.onFailed(ending.why, ending.processed);
}

void DirectCall::cancel()
{
    if (std::exchange(m_left, true))
        return;
    m_body.clear();
    m_held.clear();
    leave(true);
}

} // namespace weir::upstream
