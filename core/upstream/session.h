// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/lane.h"
#include <QEvent>
#include <QTcpSocket>

namespace weir::upstream {

/// What one connection of a direct lane speaks: HTTP/1.1 or HTTP/2, told by ALPN. The lane calls deliver(),
/// read() and write() whenever the socket or a call has something, and then looks at what has become of it;
/// the session itself only asks for a turn. Requests that were started in one turn of the event loop thus
/// share writes.
class Session
{
public:
    /// Bytes handed to the socket that the kernel has not taken, above which no more frames are made.
    static constexpr qint64 OutgoingMax = 256 * 1024;

    /// Both are borrowed for the session's life; `lane` gets the event that asks for a turn.
    Session(QTcpSocket &socket, QObject &lane, const Origin &origin)
        : m_socket(socket), m_lane(lane), m_origin(origin.text())
    {
    }
    virtual ~Session() = default;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    static QEvent::Type turnEvent();
    /// True if a turn has been asked for since it was last called.
    bool takeTurn() { return std::exchange(m_turnAsked, false); }
    /// Between these two the lane looks by itself whether a turn is wanted, which saves an event. After them
    /// what was asked for meanwhile comes as an event.
    void beginTurns() { m_inTurns = true; }
    bool isInTurns() const { return m_inTurns; }
    void endTurns();

    virtual std::string_view protocol() const = 0;
    virtual std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) = 0;
    /// Hands on what waited in calls that were resumed.
    virtual void deliver() = 0;
    /// Takes what the socket has.
    virtual void read() = 0;
    /// Gives the socket what is due, as far as it has room.
    virtual void write() = 0;
    /// The connection is gone: what is in flight fails, apart from calls whose reply has been read.
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
    /// What the upstream did that ends the connection at once.
    const std::optional<base::Error> &fault() const { return m_fault; }
    /// True if write() left something undone because the socket was full.
    bool isBlocked() const { return m_blocked; }

    void askForTurn();

protected:
    /// Bytes that the kernel has not taken yet.
    qint64 pendingBytes() const;
    /// True if the upstream has ended the connection, although the event loop has not come to it. Asked
    /// before a request goes out on a connection that was idle, because then nothing has been sent yet.
    bool isHungUp() const;
    QTcpSocket &socket() { return m_socket; }
    void closeForCalls() { m_open = false; }
    /// The connection is to be ended at once.
    void fail(base::Error why);
    void fail(base::Errc code, std::string_view reason) { fail(error(code, reason)); }
    /// An error that names the origin.
    base::Error error(base::Errc code, std::string_view reason) const;
    /// Host and, unless it is the scheme's own, port (RFC 9110 §7.2).
    static std::string authorityOf(const Origin &origin);
    void setBlocked(bool blocked) { m_blocked = blocked; }
    /// Gives the kernel what write() has handed to the socket.
    void flush();

private:
    QTcpSocket &m_socket;
    QObject &m_lane;
    const std::string m_origin;
    std::optional<base::Error> m_fault;
    bool m_open = true;
    bool m_blocked = false;
    bool m_turnAsked = false;
    bool m_inTurns = false;
};

} // namespace weir::upstream
