// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/direct_call.h"

#include "upstream/pooled_call.h"

namespace weir::upstream {

// ── the request

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

// ── the reply

void DirectCall::addHead(http::ResponseHead head)
{
    m_head = std::move(head);
    noteDue();
}

void DirectCall::addBytes(std::string_view bytes)
{
    m_held.append(bytes);
    noteDue();
}

void DirectCall::addBlock(QByteArray bytes)
{
    m_held.append(std::move(bytes));
    noteDue();
}

void DirectCall::end(base::Error why, Processed processed)
{
    if (m_left || m_ending)
        return;
    m_ending = Ending{std::move(why), processed};
    noteDue();
}

void DirectCall::resume()
{
    m_paused = false;
    noteDue();
}

void DirectCall::noteDue()
{
    if (!m_left && !std::exchange(m_isDue, true))
        becameDue();
}

bool DirectCall::deliverNext()
{
    if (m_head) {
        m_sink.onHead(*std::exchange(m_head, std::nullopt), m_protocol);
        return true;
    }
    if (!m_held.isEmpty() && !m_paused) {
        QByteArray chunk = m_held.takeFirst();
        delivered(chunk.size());
        m_sink.onChunk(std::move(chunk));
        return true;
    }
    if (m_held.isEmpty() && m_ending) {
        tellEnd();
        return true;
    }
    m_isDue = false;
    return false;
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
    m_head.reset();
    m_held.clear();
    leave(true);
}

} // namespace weir::upstream
