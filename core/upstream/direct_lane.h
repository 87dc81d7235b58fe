// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/connector.h"
#include "upstream/session.h"
#include <functional>

namespace weir::upstream {

/// Bounds and deadlines of a direct lane.
struct DirectOptions
{
    base::Duration connect = std::chrono::seconds(10);     ///< look-up, TCP and TLS together
    base::Duration pingDeadline = std::chrono::seconds(5); ///< for the answer to a health check
    /// After so many the lane retires, long before the stream numbers of HTTP/2 run out.
    std::uint64_t callsMax = 500'000'000;
    bool http2PriorKnowledge = false; ///< HTTP/2 in cleartext, too
};

/// A lane that is one connection of our own: HTTP/2 by libnghttp2 or HTTP/1.1 by llhttp over a Qt socket, in
/// this thread's event loop. Nothing is hidden: it knows which bytes of a request may have arrived, holds
/// back a single reply, and never sends anything twice.
class DirectLane final : public Lane
{
    Q_OBJECT
public:
    /// Rounds of a turn: what one of them causes is done in the next.
    static constexpr int RoundsMax = 4;

    /// `clock` is borrowed for the lane's life. `tls` may be null for a cleartext origin.
    DirectLane(Origin origin, std::shared_ptr<TlsMemory> tls, const DirectOptions &options,
               const base::Clock &clock, QObject *parent = nullptr);
    ~DirectLane() override;

    void open() override;
    LaneState state() const override { return m_state; }
    int freeSlots() const override;
    int inFlight() const override { return m_session ? m_session->inFlight() : 0; }
    std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) override;
    bool needsBodySize() const override { return false; }
    void retire() override;
    void checkHealth() override;
    LaneFigures figures() const override;

protected:
    bool event(QEvent *event) override;
    void timerEvent(QTimerEvent *) override;

private:
    void connected(QTcpSocket *socket);
    void work();
    void round();
    void settle();
    void loseConnection();
    void die(base::Error why);

    const Origin m_origin;
    const std::shared_ptr<TlsMemory> m_tls;
    const DirectOptions m_options;
    const base::Clock &m_clock;
    Connector m_connector;
    QTcpSocket *m_socket = nullptr;
    std::unique_ptr<Session> m_session; // from Ready on
    LaneState m_state = LaneState::Connecting;
    std::uint64_t m_callCount = 0;
    base::Error m_why; // of the end
    bool m_connectionLost = false;
    bool m_wasFull = false; // since slotsChanged() was last emitted
    int m_slotsTold = 0;
    LaneState m_stateTold = LaneState::Connecting;
};

/// Makes the direct lanes of a pool. Lanes to the same origin with the same authorities share what they know
/// of its TLS. `clock` is borrowed for the life of what is returned and of the lanes.
std::function<std::unique_ptr<Lane>(const Origin &)> directLanes(const DirectOptions &options,
                                                                 const base::Clock &clock);

} // namespace weir::upstream
