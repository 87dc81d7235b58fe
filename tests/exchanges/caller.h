// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/http1_reader.h"
#include "support/raw_client.h"
#include <deque>

namespace weir::exchanges {

/// A client's connection to Weir.
class Caller
{
public:
    explicit Caller(quint16 port) : m_client(port) {}

    void send(const QByteArray &bytes) { m_client.send(bytes); }
    /// A request has been sent; each gets one final reply, in this order.
    void noteRequest(bool isHead) { m_isHead.push_back(isHead); }
    bool hasAllReplies() const { return m_isHead.empty(); }
    void close() { m_client.close(); }
    void reset() { m_client.reset(); }

    /// Begins the next reply, an interim one included …
    void startReply();
    /// … reads what has come of it …
    void update();
    const Message &reply() const { return m_reader.message(); }
    const QByteArray &fault() const { return m_reader.fault(); }
    /// … and is done with it: it is whole.
    void endReply();

    /// Bytes that have come behind all that was read.
    QByteArray surplus() const { return m_reader.rest() + m_client.received().mid(m_read); }
    bool isClosed() { return m_client.socket().state() == QAbstractSocket::UnconnectedState; }

private:
    test::RawClient m_client;
    Http1Reader m_reader{Http1Reader::Kind::Replies};
    std::deque<bool> m_isHead; // of requests without a final reply: is it HEAD?
    qsizetype m_read = 0;      // bytes that the reader has
};

} // namespace weir::exchanges
