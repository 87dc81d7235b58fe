// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include "http/request_parser.h"
#include "http/response_encoder.h"
#include "simulator/connection.h"
#include "simulator/exchange.h"

namespace weir::simulator {

/// HTTP/1.1: one exchange at a time, pipelined requests wait. A caller that ends its sending side counts as
/// gone.
class Http1Connection final : public Connection, http::RequestParser::Events, Exchange::Stage
{
    Q_OBJECT
public:
    /// `bodyMax` in bytes.
    Http1Connection(QTcpSocket *socket, Service &service, std::int64_t bodyMax);

    void read() override;

protected:
    void onClosed() override;
    void onWritten() override;

private:
    void onHead(http::RequestHead head) override;
    void onBody(std::string_view bytes) override;
    void onEnd() override {}

    void begin(const Script &script) override;
    void write(const QByteArray &bytes) override;
    void end(Ending ending) override;
    void flush() override;
    bool isFull() const override { return pendingBytes() + m_out.size() > HighWater; }

    bool fillInput();
    void answer();
    void refuse(const base::Error &error);
    void settle();

    Exchange m_exchange;
    const std::int64_t m_bodyMax;
    http::RequestParser m_parser;
    QByteArray m_input; // read but not consumed from m_inputAt on
    qsizetype m_inputAt = 0;
    http::RequestHead m_head;
    QByteArray m_body;
    QByteArray m_out; // gathered until flush(), so that a small answer is one write
    http::BodyFraming m_framing = http::BodyFraming::None;
    Ending m_ending = Ending::Regular;
    int m_replies = 0; // begun on this connection
    bool m_keepAlive = true;
    bool m_closesAtNext = false; // request
    bool m_isEnding = false;     // the ending waits for the kernel to take what was written before
    bool m_isReading = false;
};

} // namespace weir::simulator
