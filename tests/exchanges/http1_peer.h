// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/http1_reader.h"
#include "exchanges/peer.h"

namespace weir::exchanges {

/// HTTP/1.1.
class Http1Peer final : public PeerConnection
{
public:
    using PeerConnection::PeerConnection;

    void read() override;
    void onClosed() override;
    void sendHead(Arrival &to, const AnswerHead &head, bool hasBody) override;
    void sendBody(Arrival &to, const QByteArray &piece) override;
    void end(Arrival &to, const Fields &trailers) override;
    void flush() override;

private:
    Http1Reader m_reader{Http1Reader::Kind::Requests};
    Arrival *m_current = nullptr; // whose answer has not ended
    bool m_isChunked = false;
    bool m_endsByClose = false;
    bool m_closes = false; // as soon as all is sent
};

} // namespace weir::exchanges
