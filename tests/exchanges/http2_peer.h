// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/peer.h"
#include <deque>
#include <map>
#include <nghttp2/nghttp2.h>

namespace weir::exchanges {

/// HTTP/2; the frames are libnghttp2's, one of DATA for each piece of a body.
class Http2Peer final : public PeerConnection
{
public:
    Http2Peer(QTcpSocket &socket, std::vector<std::unique_ptr<Arrival>> &arrivals);

    void read() override;
    void onClosed() override;
    void sendHead(Arrival &to, const AnswerHead &head, bool hasBody) override;
    void sendBody(Arrival &to, const QByteArray &piece) override;
    void end(Arrival &to, const Fields &trailers) override;
    void flush() override;
    void resetStream(Arrival &to, std::uint32_t code) override;
    void goAway(std::uint32_t code, int requestsProcessed) override;

private:
    struct Stream
    {
        Fields head;                   // as it comes, :method and the like among it
        Arrival *arrival = nullptr;    // from the end of the head on
        std::deque<QByteArray> pieces; // to be sent
        bool hasEnded = false;         // after them
        Fields trailers;
    };
    struct Callbacks;

    void takeHead(std::int32_t id);
    ssize_t readPiece(std::int32_t id, std::uint8_t *to, std::size_t size, std::uint32_t *flags);

    std::unique_ptr<nghttp2_session, void (*)(nghttp2_session *)> m_session{nullptr, nghttp2_session_del};
    std::map<std::int32_t, Stream> m_streams;
};

} // namespace weir::exchanges
