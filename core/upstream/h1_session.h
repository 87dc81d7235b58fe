// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/response_parser.h"
#include "upstream/direct_call.h"
#include "upstream/session.h"

namespace weir::upstream {

class H1Call;

/// HTTP/1.1 (RFC 9112): one call at a time, on a connection that stays open as long as both sides know
/// exactly where each message ended.
class H1Session final : public Session, private http::ResponseParser::Events
{
public:
    H1Session(QTcpSocket &socket, QObject &lane, const Origin &origin);
    ~H1Session() override;

    std::string_view protocol() const override { return "http/1.1"; }
    std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) override;
    void deliver() override;
    void write() override;
    void connectionLost(const base::Error &why) override;
    void close() override;
    void checkHealth() override {} // nothing to ask that costs nobody anything
    int inFlight() const override { return m_call ? 1 : 0; }
    int slotsMax() const override { return 1; }
    void addFigures(LaneFigures &) const override {}

private:
    friend class H1Call;

    // What has become of the request and the reply in flight.
    enum class Request : std::uint8_t
    {
        Idle,    ///< nothing of it was written
        Sending, ///< some of it may have arrived
        Sent,
    };

    void encodeHead(const CallRequest &request);
    void appendBody(QByteArray &out);
    void callLeft(bool cancelled);
    void takeSurplus();
    void keepBody();

    // Session
    void take(std::string_view bytes) override;
    void blockTaken(const QByteArray &block) override;
    bool holdsBack() const override;

    // http::ResponseParser::Events
    void onHead(http::ResponseHead head) override;
    void onBody(std::string_view bytes) override;
    void onEnd() override;

    const std::string m_authority;
    http::ResponseParser m_parser;
    H1Call *m_call = nullptr;
    QByteArray m_head; // of the request, until it is written
    Request m_request = Request::Idle;
    bool m_chunked = false;
    bool m_toHead = false;
    bool m_headSeen = false;
    bool m_isDue = false;      // the call has something to deliver
    bool m_dirty = false;      // left in the middle of a message: to be closed without a word
    std::string_view m_bodyAt; // in the block being read: of the body, not yet given to the call
};

} // namespace weir::upstream
