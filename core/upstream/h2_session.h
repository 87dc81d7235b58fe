// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "upstream/direct_call.h"
#include "upstream/session.h"
#include <cstdint>
#include <memory>
#include <nghttp2/nghttp2.h>
#include <QTimer>
#include <vector>

namespace weir::upstream {

class H2Call;

/// HTTP/2 (RFC 9113): many calls at a time on one connection, each with a window of its own, so that a slow
/// reader holds up nobody else. Framing, HPACK and the rules of messages are libnghttp2's; bounds, flow
/// control and what may be tried again are decided here.
class H2Session final : public Session
{
public:
    /// Bytes of a reply that the upstream may send before the sink has taken them: what a paused call holds
    /// at most.
    static constexpr std::int32_t StreamWindow = 256 * 1024;
    /// The same for all calls together. Given back as soon as bytes arrive, so it never holds a call up for
    /// another one.
    static constexpr std::int32_t ConnectionWindow = 4 * 1024 * 1024;
    /// Assumed until the upstream's SETTINGS tell (RFC 9113 §6.5.2 recommends at least this).
    static constexpr int SlotsAssumed = 100;
    /// Used at most, whatever the upstream allows.
    static constexpr int SlotsMax = 256;
    /// Frames within BarrenTime that bring no call further (PING, SETTINGS, empty DATA): then the upstream is
    /// at fault. Well-behaved ones send a few per second.
    static constexpr int BarrenFramesMax = 1000;
    static constexpr base::Duration BarrenTime = std::chrono::seconds(10);
    /// Complete requests that wait for each other to leave in one write. All of a turn together would make
    /// the fewest writes, but then the upstream idles while a burst is read here, and we while it works on
    /// it: under load both sides do better with few (docs/adr/0005-direct-lanes.md has the figures).
    static constexpr int RequestsPerWrite = 4;
    /// Bytes of a header block after which decoding it ends the connection; a reply whose head exceeds
    /// http::HeadMax fails alone.
    static constexpr std::size_t HeaderBlockMax = 4 * 64 * 1024;

    H2Session(QTcpSocket &socket, QObject &lane, const Origin &origin, const base::Clock &clock,
              base::Duration pingDeadline);
    ~H2Session() override;

    std::string_view protocol() const override { return "h2"; }
    std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) override;
    void deliver() override;
    void write() override;
    void connectionLost(const base::Error &why) override;
    void close() override;
    void checkHealth() override;
    int inFlight() const override { return int(m_calls.size()); }
    int slotsMax() const override { return m_slots; }
    void addFigures(LaneFigures &figures) const override;

private:
    friend class H2Call;
    struct Callbacks;

    void submit(H2Call &call, const CallRequest &request);
    void requestIsWhole();
    std::vector<H2Call *>::const_iterator place(std::int32_t id) const;
    H2Call *find(std::int32_t id) const;
    void forget(std::int32_t id);
    void reset(std::int32_t id, std::uint32_t code);
    void pingExpired();
    void take(std::string_view bytes) override;

    // What nghttp2 tells of.
    bool frameBegan(const nghttp2_frame_hd &frame);
    void headersBegan(std::int32_t id);
    bool fieldCame(std::int32_t id, std::string_view name, std::string_view value);
    void headEnded(H2Call &call);
    void dataCame(std::int32_t id, const char *bytes, std::size_t size);
    void frameCame(const nghttp2_frame &frame);
    void replyEnded(std::int32_t id);
    void frameSent(const nghttp2_frame &frame);
    void requestNotSent(std::int32_t id);
    ssize_t bodyWanted(std::int32_t id, std::uint8_t *to, std::size_t sizeMax, std::uint32_t *flags);
    void streamClosed(std::int32_t id, std::uint32_t code);

    const std::string m_authority;
    const bool m_tls;
    const base::Clock &m_clock;
    std::unique_ptr<nghttp2_session, void (*)(nghttp2_session *)> m_session;
    std::vector<H2Call *> m_calls;      // in flight, by rising id
    std::vector<std::int32_t> m_due;    // have something to deliver
    std::vector<std::int32_t> m_sent;   // their request has gone, their sinks are to be told
    std::vector<std::int32_t> m_hungry; // want more of their body, dito
    std::vector<nghttp2_nv> m_fields;   // of the request being submitted
    int m_wholeRequests = 0;            // since the last write
    std::uint64_t m_goAways = 0;
    bool m_goneForCalm = false; // one of them asked for fewer requests
    std::uint64_t m_resets = 0;
    int m_slots = SlotsAssumed;
    int m_barrenFrames = 0; // since a call was brought further, and m_barrenSince
    base::Instant m_barrenSince;
    std::size_t m_blockSize = 0; // of the header block being received
    bool m_wasIdle = false;      // before the requests that have not been written yet
    std::string_view m_faultSeen;

    QTimer m_pingTimer; // runs while an answer is due
    base::Instant m_pingSent;
    bool m_aliveSincePing = false;
    std::optional<Outgoing> m_aheadOfPing; // when it, or its deadline, was last looked at
    std::optional<base::Duration> m_roundTrip;
};

} // namespace weir::upstream
