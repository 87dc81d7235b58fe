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

    std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) override;
    int inFlight() const override { return m_inFlight; }
    int freeSlots() const override;
    std::string protocol() const override { return m_protocol; }
    std::uint64_t connectionsOpened() const override { return m_connectionsOpened; }
    bool hasConnected() const override { return m_hasConnected; }
    void warm() override;

private:
    friend class QnamCall;

    QNetworkRequest makeRequest(const CallRequest &request) const;
    QSslConfiguration tlsConfiguration() const;
    void callConnected(bool isNew);
    void callLearnedProtocol(bool isHttp2);
    void callEnded();

    const Origin m_origin;
    QNetworkAccessManager m_manager;
    int m_inFlight = 0;
    std::string m_protocol;
    std::uint64_t m_connectionsOpened = 0;
    bool m_hasConnected = false;
    bool m_nagleOff = false;
};

} // namespace weir::upstream
