// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "http/response_encoder.h"
#include <QByteArray>
#include <QTcpSocket>

namespace weir::server {

/// What one client is sent: replies, framed as it can read them, how many bytes of them wait because it does
/// not read, and since when it takes none. Proxy thread. Owned by the Connection.
class ReplyWriter
{
public:
    /// Borrowed for the writer's life.
    ReplyWriter(QTcpSocket &socket, const base::Clock &clock);

    /// Makes ready for the reply to a request of this method and version of HTTP/1.
    void begin(std::string_view method, int minorVersion);
    /// "100 Continue".
    void sendContinue();
    /// Not flushed: the first chunk follows in the same packet, or the event loop sends it at its next turn.
    /// Returns whether the connection can go on after the reply: `keepAlive`, unless only closing tells where
    /// it ends.
    bool sendHead(const http::ResponseHead &head, bool keepAlive);
    /// Flushed. Left out of a reply that has no body.
    void sendChunk(const QByteArray &bytes);
    void end();

    /// To be called whenever the socket has taken bytes. True if that ends isFull().
    bool noteProgress();
    /// From when more than HighWatermark bytes wait for the client until no more than LowWatermark do:
    /// whatever has more for it waits, this reply's upstream and the requests that follow alike.
    bool isFull() const { return m_isFull; }
    bool isEmpty() const { return m_socket.bytesToWrite() == 0; }
    /// When the client last took something, or was given something while nothing waited.
    base::Instant progressAt() const { return m_progressAt; }

private:
    void write(const QByteArray &bytes);
    void flush();

    QTcpSocket &m_socket;
    const base::Clock &m_clock;
    http::BodyFraming m_framing = http::BodyFraming::None;
    bool m_isHead = false; // what is answered is a HEAD
    bool m_canChunk = true;
    bool m_isFull = false;
    base::Instant m_progressAt;
};

} // namespace weir::server
