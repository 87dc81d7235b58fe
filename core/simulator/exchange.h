// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "simulator/request.h"
#include "simulator/script.h"
#include "simulator/service.h"
#include <cstddef>
#include <QBasicTimer>
#include <QObject>

namespace weir::simulator {

/// One request and the playing of its reply: keeps the time, leaves the bytes to the protocol. May be used
/// again once it is idle. Reports each arrival once and each end once. The stage's calls may end it, but must
/// not delete it. Pieces that a pause separates, and stamped ones, are flushed one by one.
class Exchange final : public QObject
{
public:
    /// Bytes of a reply that are played before other connections have their turn.
    static constexpr qsizetype TurnBytesMax = 1024 * 1024;

    /// Where a reply is played: the protocol's side. Nothing reaches the caller before flush().
    class Stage
    {
    public:
        virtual void begin(const Script &script) = 0;
        virtual void write(const QByteArray &bytes) = 0;
        /// Comes last, also without begin(). When it has been carried out the stage calls finish() or
        /// abandon(), maybe at once.
        virtual void end(Ending ending) = 0;
        virtual void flush() = 0;
        /// True while enough bytes wait for the caller to read; resume() is to be called afterwards.
        virtual bool isFull() const = 0;

    protected:
        ~Stage() = default;
    };

    /// Both are borrowed for the exchange's life.
    Exchange(Service &service, Stage &stage) : m_service(service), m_stage(stage) {}

    /// Only while idle.
    void start(Request request);
    /// The stage has room again.
    void resume();

    /// The whole reply is with the kernel.
    void finish() { report(true, false); }
    /// The caller left.
    void cancel() { report(false, true); }
    /// The reply was broken off on our side.
    void abandon() { report(false, false); }

    bool isActive() const { return m_phase != Phase::Idle; }
    const Request &request() const { return m_request; }

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    enum class Phase
    {
        Idle,
        BeforeHead,
        Body,
        Ended ///< the stage has been told the ending
    };

    void play();
    bool playPiece(Piece &piece);
    bool hasRoom();
    bool waitFor(int pauseMs);
    bool yields(const Piece &piece);
    void report(bool completed, bool cancelled);

    Service &m_service;
    Stage &m_stage;
    Request m_request;
    Script m_script;
    base::Instant m_startedAt;
    base::Instant m_dueAt; // when what was paused for last was meant to go
    QBasicTimer m_timer;
    std::size_t m_next = 0;    // piece
    std::int64_t m_played = 0; // how often it has been sent
    qsizetype m_turnBytes = 0; // sent in this turn of the event loop
    Phase m_phase = Phase::Idle;
    bool m_isYielding = false;
    bool m_hasWaited = false; // for what comes next
    bool m_isBlocked = false; // by a full stage
};

} // namespace weir::simulator
