// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/lane.h"
#include "upstream/manager_graveyard.h"
#include "upstream/qnam_intake.h"
#include "upstream/qnam_sockets.h"
#include <QNetworkAccessManager>
#include <QNetworkRequest>
#include <QTimer>
#include <vector>

namespace weir::upstream {

class QnamCall;

/// A lane on a QNetworkAccessManager of its own: HTTP/2 over TLS where the server speaks it, else HTTP/1.1.
/// One manager per lane, so that a hostile upstream can spin or stall no one else's.
/// Qt hides what happens to its connections: after a GOAWAY, or when its thread is stuck, a manager swallows
/// requests without a word. So a manager whose connection fails, or on which a call is not begun or gets no
/// sign of life, takes no more calls, and the pool makes another. The connections of one that takes in what
/// is no reply, and of one that has died, are ended. docs/adr/0003-qnam-lane.md lists what Qt does by itself
/// and how it is kept from it.
class QnamLane final : public Lane
{
    Q_OBJECT
public:
    /// Streams in flight on one manager: above its limit of 100 Qt queues silently, near it throughput
    /// collapses.
    static constexpr int Http2SlotsMax = 90;
    /// Qt opens six HTTP/1.1 connections per host and manager; a seventh call would wait unseen.
    static constexpr int Http1SlotsMax = 6;
    /// Bytes of replies that may wait for clients which do not read, all calls together. Above, the one with
    /// the most is ended.
    static constexpr qint64 HeldRepliesMax = 32 * 1024 * 1024;
    /// How often the watchdog looks while there are calls, and until nothing has come for so many looks …
    static constexpr int WatchMs = 100;
    static constexpr int QuietLooksMax = 20;
    /// … and how often after that.
    static constexpr int IdleWatchMs = 1000;
    /// How many times it may find a call that Qt has not begun to send although a connection stands.
    static constexpr int UnsentLooksMax = 20;

    QnamLane(Origin origin, bool useSystemProxy, std::shared_ptr<ManagerGraveyard> graveyard,
             QObject *parent = nullptr);
    ~QnamLane() override;

    void open() override;
    LaneState state() const override { return m_state; }
    int freeSlots() const override;
    int inFlight() const override { return int(m_calls.size()); }
    std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) override;
    /// Qt would gather a body of unknown size before it sends the first byte.
    bool needsBodySize() const override { return true; }
    void retire() override;
    void checkHealth() override {}        // Qt offers no PING …
    void suspect() override { retire(); } // … so it is not asked, but replaced
    LaneFigures figures() const override;

private:
    friend class QnamCall;

    QNetworkRequest makePlainRequest() const;
    QNetworkRequest makeRequest(const CallRequest &request) const;
    QSslConfiguration tlsConfiguration() const;
    void callConnected(bool isNew);
    void callLearnedProtocol(bool isHttp2);
    void endWhatPilesUp();
    void callEnded(QnamCall &call);
    void callFailed(const base::Error &why);
    void callPaused();
    void callCut();
    void connectNow();
    void watch();
    void watchIntake();
    void die();
    int slotsMax() const;
    /// False once a reply has come over HTTP/1.1, or where nothing else is spoken.
    bool mayBeHttp2() const { return m_origin.tls && m_protocol != "http/1.1"; }

    const Origin m_origin;
    const QByteArray m_originText;
    const QNetworkRequest m_plainRequest; // what all of them have in common
    std::shared_ptr<ManagerGraveyard> m_graveyard;
    std::unique_ptr<QNetworkAccessManager> m_manager;
    LaneState m_state = LaneState::Ready; // the manager connects by itself
    std::vector<QnamCall *> m_calls;      // in flight
    QnamSockets m_sockets;
    QnamIntake m_intake;
    bool m_isFlooded = false; // and its connections were ended for that
    int m_quietLooks = 0;
    QTimer m_watch;
    base::Error m_connectError; // if that is why it was retired
    std::uint64_t m_callCount = 0;
    std::string m_protocol;
    std::uint64_t m_connectionsOpened = 0;
    bool m_hasConnected = false;
};

} // namespace weir::upstream
