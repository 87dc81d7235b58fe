// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/lane.h"
#include <QNetworkAccessManager>
#include <QNetworkRequest>

namespace weir::upstream {

class QnamCall;

/// A lane on a QNetworkAccessManager of its own: HTTP/2 over TLS where the server speaks it, else HTTP/1.1.
/// One manager per lane, so that a hostile upstream can spin or stall no one else's.
/// docs/adr/0003-qnam-lane.md lists what Qt does by itself and how it is kept from it.
class QnamLane final : public Lane
{
    Q_OBJECT
public:
    /// Streams in flight on one manager: above its limit of 100 Qt queues silently, near it throughput
    /// collapses.
    static constexpr int Http2SlotsMax = 90;
    /// Qt opens six HTTP/1.1 connections per host and manager; a seventh call would wait unseen.
    static constexpr int Http1SlotsMax = 6;

    explicit QnamLane(Origin origin, bool useSystemProxy = false, QObject *parent = nullptr);
    ~QnamLane() override;

    void open() override;
    LaneState state() const override { return m_state; }
    int freeSlots() const override;
    int inFlight() const override { return m_inFlight; }
    std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) override;
    /// Qt would gather a body of unknown size before it sends the first byte.
    bool needsBodySize() const override { return true; }
    void retire() override;
    void checkHealth() override {} // Qt offers no PING
    LaneFigures figures() const override;

private:
    friend class QnamCall;

    QNetworkRequest makeRequest(const CallRequest &request) const;
    QSslConfiguration tlsConfiguration() const;
    void callConnected(bool isNew);
    void callLearnedProtocol(bool isHttp2);
    void callEnded();
    int slotsMax() const;

    const Origin m_origin;
    QNetworkAccessManager m_manager;
    LaneState m_state = LaneState::Ready; // the manager connects by itself
    int m_inFlight = 0;
    std::uint64_t m_callCount = 0;
    std::string m_protocol;
    std::uint64_t m_connectionsOpened = 0;
    bool m_hasConnected = false;
    bool m_nagleOff = false;
};

} // namespace weir::upstream
