// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QBasicTimer>
#include <QByteArray>
#include <QObject>

class QTcpSocket;

namespace weir::simulator {

/// Bytes that wait to be read by the caller before a reply is held back.
inline constexpr qint64 HighWater = 256 * 1024;
/// Bytes of later requests that are read while a reply is under way. A caller that sends more and leaves is
/// noticed only afterwards.
inline constexpr qint64 ReadAheadMax = 256 * 1024;

/// One caller's connection, in whatever protocol: owns the socket and wraps what TCP and TLS do differently.
class Connection : public QObject
{
    Q_OBJECT
public:
    /// Takes the socket over, connected and, with TLS, encrypted.
    explicit Connection(QTcpSocket *socket);

    /// Reads what has arrived already.
    virtual void read() = 0;

    /// kB of requests read per second from now on, so that uploads are slow; 0 = as fast as they come.
    void setReadPace(int kbps);

Q_SIGNALS:
    /// Once. The connection may be deleted later, not at once.
    void closed();

protected:
    /// The caller left, or what closeAfterFlush() and reset() asked for has happened.
    virtual void onClosed() = 0;
    /// Bytes have gone to the kernel.
    virtual void onWritten() = 0;

    /// Bytes that have arrived, as far as the pace allows; 0 or less if there are none.
    qint64 take(char *to, qint64 most);
    void timerEvent(QTimerEvent *event) override;
    bool isTls() const { return m_isTls; }
    /// Written, but not taken by the kernel yet.
    qint64 pendingBytes() const;
    /// Hands over to the kernel at once: without it each reply would cost another turn of the event loop.
    void writeNow(const QByteArray &bytes);
    void closeAfterFlush();
    /// TCP RST in place of a clean end.
    void reset();
    bool isClosing() const { return m_isClosing; }

private:
    QTcpSocket *m_socket;
    QBasicTimer m_paceTimer;
    qint64 m_perTick = 0;   // bytes to be read per tick of the pace; 0 = any number
    qint64 m_allowance = 0; // of them, in this tick
    bool m_isTls = false;
    bool m_isClosing = false; // by us
};

} // namespace weir::simulator
