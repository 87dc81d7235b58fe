// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/lane.h"
#include "upstream/read_ahead.h"
#include "upstream/turn_budget.h"
#include <QBasicTimer>
#include <QEvent>
#include <QTcpSocket>
#include <string_view>

namespace weir::upstream {

/// What one connection of a direct lane speaks: HTTP/1.1 or HTTP/2, told by ALPN. The session itself only
/// asks for a turn. In a turn the lane calls deliver(), read() and write(), in rounds, and then looks at what
/// has become of it. Requests that were started in one turn of the event loop thus share writes.
///
/// Whatever the upstream sends, a turn does no more than its TurnBudget allows. If something is left, the
/// lane rests until the other sockets of the thread have had their turn.
class Session
{
public:
    /// Bytes handed to the socket that the kernel has not taken, above which no more frames are made.
    static constexpr qint64 OutgoingMax = 256 * 1024;
    /// Bytes taken out of the socket at a time. What such a block brings for one call becomes one chunk.
    static constexpr qint64 ReadBlock = 64 * 1024;
    /// Bytes of a block that are parsed between two looks at the budget.
    static constexpr qsizetype ReadStep = 2 * 1024;

    /// Both are borrowed for the session's life; `lane` gets the events that ask for a turn.
    Session(QTcpSocket &socket, QObject &lane, const Origin &origin);
    virtual ~Session() = default;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    /// Comes to the lane at the next turn of the event loop after askForTurn(). While it rests, a timer's
    /// event comes instead, after the sockets.
    static QEvent::Type turnEvent();
    bool isResting() const { return m_rest.isActive(); }
    void endRest() { m_rest.stop(); }
    void askForTurn();
    /// The socket has read something.
    void bytesCame();
    /// Gets a new budget.
    void beginTurn();
    /// What was asked for until now is done with the write that follows.
    void takeAsked() { m_isAsked = false; }
    /// True if something was asked for since then: another round saves an event.
    bool wantsRound() const { return m_isAsked && !m_budget.isSpent(); }
    /// What is left comes with another turn.
    void endTurn();

    virtual std::string_view protocol() const = 0;
    virtual std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) = 0;
    /// Tells sinks what has come for their calls, as far as those are not paused.
    virtual void deliver() = 0;
    /// Takes a block out of the socket, or what is left of the last one, and tells no sink of it: deliver()
    /// is to follow. False if there is nothing to take, or not in this turn.
    bool read();
    /// Gives the socket what is due, as far as it has room.
    virtual void write() = 0;
    /// The connection is gone, and if there is no fault, what it brought has all been read: what is in flight
    /// ends. deliver() is to follow.
    virtual void connectionLost(const base::Error &why) = 0;
    /// Says goodbye and closes; nothing is in flight.
    virtual void close() = 0;
    virtual void checkHealth() = 0;

    virtual int inFlight() const = 0;
    /// Calls that the connection can carry at most.
    virtual int slotsMax() const = 0;
    virtual void addFigures(LaneFigures &figures) const = 0;

    /// False once the upstream takes no more calls on this connection.
    bool isOpen() const { return m_open && !m_fault; }
    void closeForCalls() { m_open = false; }
    /// What the upstream did that ends the connection at once.
    const std::optional<base::Error> &fault() const { return m_fault; }
    /// True if write() left something undone because the socket was full.
    bool isBlocked() const { return m_blocked; }
    /// True if something has come that read() has not taken.
    bool hasUnread() const { return m_taken < m_block.size() || m_socket.bytesAvailable() > 0; }
    /// True once each time the upstream has asked for fewer requests.
    bool takeCalm() { return std::exchange(m_calmAsked, false); }

protected:
    /// Reads bytes that lie in the block. Counts pieces, tells no sink anything.
    virtual void take(std::string_view bytes) = 0;
    /// read() looks at nothing more of `block`: what is wanted of it is shared or copied now.
    virtual void blockTaken(const QByteArray &) {}
    /// True while what comes is to wait in the socket.
    virtual bool holdsBack() const { return false; }
    /// What is left of the block answers nothing.
    void dropBlock() { m_taken = m_block.size(); }

    TurnBudget &budget() { return m_budget; }
    bool isInTurn() const { return m_isInTurn; }
    QTcpSocket &socket() { return m_socket; }
    /// Bytes that the kernel has not taken yet.
    qint64 pendingBytes() const;
    /// What is on its way to the upstream, by what TCP knows (linux/tcp.h).
    struct Outgoing
    {
        std::uint64_t taken = 0; ///< bytes that the upstream's system has acknowledged so far
        bool isWaiting = false;  ///< there are others
    };
    /// Absent where the system does not tell.
    std::optional<Outgoing> outgoing() const;
    /// Gives the kernel what write() has handed to the socket.
    void flush();
    void setBlocked(bool blocked) { m_blocked = blocked; }
    /// True if the upstream has ended the connection, although the event loop has not come to it. Asked
    /// before a request goes out on a connection that was idle, because then nothing has been sent yet.
    bool isHungUp() const;
    void noteCalm() { m_calmAsked = true; }
    /// The connection is to be ended at once.
    void fail(base::Error why);
    void fail(base::Errc code, std::string_view reason) { fail(error(code, reason)); }
    /// An error that names the origin.
    base::Error error(base::Errc code, std::string_view reason) const;
    /// Host and, unless it is the scheme's own, port (RFC 9110 §7.2).
    static std::string authorityOf(const Origin &origin);

private:
    QTcpSocket &m_socket;
    QObject &m_lane;
    const std::string m_origin;
    std::optional<base::Error> m_fault;
    bool m_open = true;
    bool m_blocked = false;
    bool m_calmAsked = false;
    ReadAhead m_readAhead;
    QByteArray m_block;    // being read
    qsizetype m_taken = 0; // of it
    TurnBudget m_budget;
    bool m_isAsked = false; // for a turn, or in one for another round
    bool m_isInTurn = false;
    QBasicTimer m_rest;
};

} // namespace weir::upstream
