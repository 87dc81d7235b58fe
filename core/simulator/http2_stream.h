// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "simulator/exchange.h"
#include <cstdint>
#include <deque>
#include <nghttp2/nghttp2.h>
#include <QObject>

namespace weir::simulator {

class Http2Connection;

/// One stream: collects the request, then feeds the reply to the session as flow control lets it.
class Http2Stream final : public QObject, Exchange::Stage
{
public:
    /// A child of `connection`, deleted later than its stream ends: it may be on the stack then.
    Http2Stream(Http2Connection &connection, Service &service, std::int32_t id);

    void addField(std::string_view name, std::string_view value);
    void addBody(std::string_view bytes);
    /// The request is complete.
    void answer();

    /// What nghttp2 asks for: DATA bytes and flags.
    ssize_t readData(std::uint8_t *to, std::size_t size, std::uint32_t *flags);

    std::int32_t id() const { return m_id; }
    Ending ending() const { return m_ending; }
    std::uint32_t resetCode() const { return m_exchange.script().resetCode; }
    Exchange &exchange() { return m_exchange; }
    /// True once the end of the body has been handed to the session.
    bool isSent() const { return m_isSent; }

private:
    void begin(const Script &script) override;
    void write(const QByteArray &bytes) override;
    void end(Ending ending) override;
    void flush() override;
    bool isFull() const override;

    /// Bytes of a body that wait for the caller's flow-control window.
    static constexpr qsizetype PendingMax = 256 * 1024;

    Http2Connection &m_connection;
    Exchange m_exchange;
    std::int32_t m_id;
    Request m_request;
    std::deque<QByteArray> m_pending;
    qsizetype m_pendingAt = 0; // in the first of them
    qsizetype m_pendingSize = 0;
    Ending m_ending = Ending::Regular;
    bool m_hasBegun = false;
    bool m_hasEnded = false;
    bool m_isSent = false;
};

} // namespace weir::simulator
