// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/exchange.h"

#include "simulator/stamp.h"
#include <QTimerEvent>
#include <utility>

namespace weir::simulator {

void Exchange::start(Request request)
{
    Q_ASSERT(!isActive());
    m_request = std::move(request);
    m_startedAt = m_service.now();
    m_dueAt = m_startedAt;
    m_next = 0;
    m_played = 0;
    m_turnBytes = 0;
    m_hasWaited = false;
    m_isYielding = false;
    m_isBlocked = false;
    m_phase = Phase::BeforeHead;
    m_service.reportArrival(m_request);
    m_script = m_service.answer(m_request);
    play();
}

void Exchange::resume()
{
    if (!m_isBlocked)
        return;
    m_isBlocked = false;
    play();
}

void Exchange::play()
{
    if (m_phase == Phase::BeforeHead) {
        if (waitFor(m_script.firstByteMs))
            return;
        m_phase = Phase::Body;
        if (m_script.headFault != HeadFault::Missing)
            m_stage.begin(m_script);
    }
    while (m_phase == Phase::Body && m_next < m_script.pieces.size()) {
        if (!playPiece(m_script.pieces[m_next]))
            return;
    }
    if (m_phase != Phase::Body)
        return;
    m_phase = Phase::Ended;
    m_stage.end(m_script.ending);
}

/// False if the play is to go on later, or the caller has left.
bool Exchange::playPiece(Piece &piece)
{
    if (!hasRoom() || yields(piece))
        return false;
    if (piece.pauseMs > 0 && !m_hasWaited) {
        m_stage.flush();
        if (m_phase != Phase::Body)
            return false;
    }
    if (waitFor(piece.pauseMs))
        return false;
    const bool isStamped = piece.stampAt >= 0;
    if (isStamped)
        setStamp(piece.bytes.data() + piece.stampAt, m_service.now());
    m_stage.write(piece.bytes);
    if (piece.times != Forever && ++m_played >= piece.times) {
        m_played = 0;
        ++m_next;
    }
    if (isStamped)
        m_stage.flush(); // may end the exchange, and the piece with it
    return m_phase == Phase::Body;
}

/// True if others have to have their turn first; play() is called again then.
bool Exchange::yields(const Piece &piece)
{
    m_turnBytes += piece.bytes.size();
    if (m_turnBytes <= TurnBytesMax || m_turnBytes == piece.bytes.size())
        return false;
    m_turnBytes = 0;
    m_stage.flush();
    if (m_phase != Phase::Body)
        return true;
    m_isYielding = true;
    m_timer.start(0, this);
    return true;
}

/// False if the caller has to read first (resume() is called then), or has left.
bool Exchange::hasRoom()
{
    if (!m_stage.isFull())
        return true;
    // What was gathered may go at once. The socket tells of that while it is on the stack, so it is looked at
    // here rather than waited for.
    m_stage.flush();
    m_isBlocked = m_phase == Phase::Body && m_stage.isFull();
    return m_phase == Phase::Body && !m_isBlocked;
}

/// True if time has to pass first; play() is called again then. What is late already waits no longer.
bool Exchange::waitFor(int pauseMs)
{
    if (pauseMs <= 0 || std::exchange(m_hasWaited, false))
        return false;
    m_dueAt += std::chrono::milliseconds(pauseMs);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(m_dueAt - m_service.now()).count();
    if (left <= 0)
        return false;
    m_timer.start(int(left), Qt::PreciseTimer, this);
    return true;
}

void Exchange::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_timer.timerId())
        return;
    m_timer.stop();
    m_turnBytes = 0;
    m_hasWaited = !std::exchange(m_isYielding, false);
    play();
}

void Exchange::report(bool completed, bool cancelled)
{
    if (!isActive())
        return;
    const bool hasHead = m_phase != Phase::BeforeHead && m_script.headFault == HeadFault::None;
    const Outcome outcome{hasHead ? m_script.head.status : 0, completed, cancelled,
                          m_service.now() - m_startedAt};
    m_timer.stop();
    m_phase = Phase::Idle;
    m_script.pieces.clear();
    m_service.reportEnd(m_request, outcome);
}

} // namespace weir::simulator
