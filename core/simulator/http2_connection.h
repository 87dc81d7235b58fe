// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "simulator/connection.h"
#include "simulator/service.h"
#include <cstdint>
#include <memory>
#include <nghttp2/nghttp2.h>
#include <unordered_map>
#include <vector>

namespace weir::simulator {

class Http2Stream;

/// What an HTTP/2 caller sends first (RFC 9113 §3.4).
inline constexpr std::string_view Http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// HTTP/2: the framing is libnghttp2's; each stream has an exchange of its own.
class Http2Connection final : public Connection
{
    Q_OBJECT
public:
    /// `bodyMax` in bytes.
    Http2Connection(QTcpSocket *socket, Service &service, int streamsMax, std::int64_t bodyMax);
    ~Http2Connection() override;

    void read() override;

    // For the streams.
    nghttp2_session *session() { return m_session.get(); }
    /// Sends what the session has ready, unless that is going to happen anyway.
    void send();
    /// The stream has sent all it will: its ending is to be carried out.
    void breakOff(Http2Stream &stream);
    using Connection::isTls;
    /// Whole frames that nghttp2 would not send. They go before what it has ready.
    void writeFrames(const QByteArray &frames) { m_frames += frames; }
    /// Frames of this stream's are all that is sent from now on, and nothing that arrives is looked at.
    void takeOver(std::int32_t stream) { m_flooding = stream; }
    std::int64_t bodyMax() const { return m_bodyMax; }
    bool isFull() const { return pendingBytes() + m_frames.size() > HighWater; }
    /// A reply begins. Each `goAwayEvery`-th ends the connection gracefully; 0 = none does.
    void countReply(int goAwayEvery);

protected:
    void onClosed() override;
    void onWritten() override { send(); }

private:
    struct Callbacks;

    void sendReady();
    QByteArray takeOutput();
    bool carryOutEndings();
    void carryOut(Http2Stream &stream);
    void closeStream(std::int32_t id, bool cancelled);

    Service &m_service;
    const std::int64_t m_bodyMax;
    std::unique_ptr<nghttp2_session, void (*)(nghttp2_session *)> m_session;
    std::unordered_map<std::int32_t, Http2Stream *> m_streams;
    std::vector<std::int32_t> m_breaking;
    QByteArray m_frames;
    std::int32_t m_flooding = 0; // stream that has taken over; 0 = none
    int m_replies = 0;           // begun on this connection
    bool m_goesAway = false;     // GOAWAY is to be sent
    bool m_isBusy = false;       // in a call of the session's
    bool m_closesSoon = false;   // after what is ready has been sent
};

} // namespace weir::simulator
