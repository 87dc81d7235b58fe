// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/direct_lane.h"

#include "upstream/h1_session.h"
#include "upstream/h2_session.h"
#include <QSslSocket>

namespace weir::upstream {

using base::Errc;
using base::Error;

DirectLane::DirectLane(Origin origin, std::shared_ptr<TlsMemory> tls, const DirectOptions &options,
                       const base::Clock &clock, QObject *parent)
    : Lane(parent)
    , m_origin(std::move(origin))
    , m_tls(std::move(tls))
    , m_options(options)
    , m_clock(clock)
    , m_connector(m_origin, m_tls, m_options.connect, m_clock, nullptr)
{
    connect(&m_connector, &Connector::ready, this, &DirectLane::connected);
    // Queued: an address may fail at once, within open().
    connect(&m_connector, &Connector::failed, this, &DirectLane::die, Qt::QueuedConnection);
}

DirectLane::~DirectLane()
{
    if (m_socket)
        m_socket->disconnect(this);
}

void DirectLane::open()
{
    m_connector.start();
}

void DirectLane::connected(QTcpSocket *socket)
{
    m_socket = socket;
    m_socket->setParent(this);
    const auto hasRoom = [this] {
        if (m_session->isBlocked())
            m_session->askForTurn();
    };
    bool isHttp2 = m_options.http2PriorKnowledge;
    if (const auto *tls = qobject_cast<QSslSocket *>(m_socket)) {
        isHttp2 = tls->sslConfiguration().nextNegotiatedProtocol() == QSslConfiguration::ALPNProtocolHTTP2;
        connect(tls, &QSslSocket::encryptedBytesWritten, this, hasRoom);
    }
    if (isHttp2)
        m_session = std::make_unique<H2Session>(*m_socket, *this, m_origin, m_clock, m_options.pingDeadline);
    else
        m_session = std::make_unique<H1Session>(*m_socket, *this, m_origin);
    // Never a turn at once: this may come from within one, or for each of a hundred TLS records together.
    connect(m_socket, &QTcpSocket::readyRead, this, [this] { m_session->bytesCame(); });
    connect(m_socket, &QTcpSocket::bytesWritten, this, hasRoom);
    connect(m_socket, &QTcpSocket::disconnected, this, [this] { m_session->askForTurn(); });
    if (m_state == LaneState::Connecting)
        m_state = LaneState::Ready;
    work(); // something may have come with the handshake
}

// ── calls

int DirectLane::freeSlots() const
{
    if (m_state != LaneState::Ready || !m_session->isOpen())
        return 0;
    return std::max(0, m_session->slotsMax() - m_session->inFlight());
}

std::unique_ptr<Call> DirectLane::start(const CallRequest &request, CallSink &sink)
{
    Q_ASSERT(freeSlots() > 0);
    sink.onLane(m_callCount > 0);
    auto call = m_session->start(request, sink);
    if (++m_callCount >= m_options.callsMax)
        m_state = LaneState::Retired;
    m_wasFull = m_wasFull || freeSlots() == 0;
    return call;
}

void DirectLane::checkHealth()
{
    if (m_session && m_state != LaneState::Dead)
        m_session->checkHealth();
}

LaneFigures DirectLane::figures() const
{
    LaneFigures figures;
    figures.calls = m_callCount;
    if (!m_session)
        return figures;
    figures.protocol = m_session->protocol();
    figures.inFlight = m_session->inFlight();
    figures.slots = m_session->slotsMax();
    figures.connections = 1;
    figures.times = m_connector.times();
    m_session->addFigures(figures);
    return figures;
}

// ── turns

bool DirectLane::event(QEvent *event)
{
    if (event->type() != Session::turnEvent())
        return Lane::event(event);
    if (!m_session->isResting())
        work();
    return true;
}

void DirectLane::timerEvent(QTimerEvent *)
{
    m_session->endRest();
    work();
}

void DirectLane::work()
{
    if (m_state == LaneState::Dead)
        return;
    m_session->beginTurn();
    int rounds = 0;
    do {
        round();
    } while (m_session->wantsRound() && ++rounds < RoundsMax);
    const bool isGone = m_socket->state() == QAbstractSocket::UnconnectedState;
    if (isGone)
        m_session->closeForCalls();
    if (!m_connectionLost && (m_session->fault() || (isGone && !m_session->hasUnread())))
        loseConnection();
    m_session->endTurn();
    settle();
}

void DirectLane::round()
{
    m_session->deliver();
    while (m_session->read()) {
        if (m_session->takeCalm())
            Q_EMIT calmAsked();
        m_session->deliver();
    }
    m_session->takeAsked();
    if (m_socket->state() == QAbstractSocket::ConnectedState && !m_session->fault())
        m_session->write();
}

void DirectLane::loseConnection()
{
    m_connectionLost = true;
    if (m_session->fault())
        m_why = *m_session->fault();
    else if (m_session->inFlight() > 0)
        m_why = {Errc::UpstreamClosed, m_origin.text()};
    m_session->connectionLost(m_why);
    if (m_session->fault())
        m_socket->abort();
    m_session->deliver();
}

/// Draws the consequences of what has happened. Last in whatever happens: who hears of it may do anything.
void DirectLane::settle()
{
    if (m_state == LaneState::Dead)
        return;
    if (m_state == LaneState::Ready && !m_session->isOpen())
        m_state = LaneState::Retired;
    if (m_state == LaneState::Retired && m_session->inFlight() == 0) {
        die(std::move(m_why));
        return;
    }
    const bool hasRoom = m_wasFull && freeSlots() > 0;
    const bool isOtherSize = m_session->slotsMax() != m_slotsTold;
    if (m_state == m_stateTold && !hasRoom && !isOtherSize)
        return;
    m_stateTold = m_state;
    m_slotsTold = m_session->slotsMax();
    m_wasFull = freeSlots() == 0;
    Q_EMIT slotsChanged();
}

// ── ends

void DirectLane::retire()
{
    if (m_state == LaneState::Dead || m_state == LaneState::Retired)
        return;
    const bool isConnecting = m_state == LaneState::Connecting;
    m_state = LaneState::Retired;
    if (isConnecting) {
        m_connector.cancel();
        die({});
    } else if (m_session->inFlight() == 0) {
        die({});
    } else {
        Q_EMIT slotsChanged();
    }
}

void DirectLane::die(Error why)
{
    if (m_state == LaneState::Dead)
        return;
    m_state = LaneState::Dead;
    if (m_socket) {
        m_socket->disconnect(this);
        if (m_socket->state() != QAbstractSocket::UnconnectedState)
            m_session->close();
    }
    Q_EMIT died(std::move(why));
}

std::function<std::unique_ptr<Lane>(const Origin &)> directLanes(const DirectOptions &options,
                                                                 const base::Clock &clock)
{
    struct Known
    {
        Origin origin;
        std::shared_ptr<TlsMemory> tls;
    };
    return [options, &clock, known = std::vector<Known>()](const Origin &origin) mutable {
        const auto isSame = [&origin](const Known &other) {
            return other.origin.text() == origin.text() && other.origin.authorities == origin.authorities;
        };
        std::shared_ptr<TlsMemory> tls;
        if (origin.tls) {
            auto at = std::find_if(known.begin(), known.end(), isSame);
            if (at == known.end())
                at = known.insert(known.end(), {origin, std::make_shared<TlsMemory>(origin)});
            tls = at->tls;
        }
        return std::unique_ptr<Lane>(std::make_unique<DirectLane>(origin, tls, options, clock));
    };
}

} // namespace weir::upstream
