// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/qnam_lane.h"

#include "upstream/health.h"
#include "upstream/qnam_call.h"
#include <algorithm>
#include <QCoreApplication>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QSslConfiguration>
#include <QUrl>

namespace weir::upstream {

namespace {

QByteArray toBytes(std::string_view text)
{
    return QByteArray(text.data(), qsizetype(text.size()));
}

} // namespace

QnamLane::QnamLane(Origin origin, bool useSystemProxy, std::shared_ptr<ManagerGraveyard> graveyard,
                   QObject *parent)
    : Lane(parent)
    , m_origin(std::move(origin))
    , m_originText(toBytes(m_origin.text()))
    , m_plainRequest(makePlainRequest())
    , m_graveyard(std::move(graveyard))
    , m_manager(std::make_unique<QNetworkAccessManager>())
    , m_intake(m_origin.tls)
{
    if (!useSystemProxy)
        m_manager->setProxy(QNetworkProxy::NoProxy);
    m_manager->setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
    m_manager->setAutoDeleteReplies(false);
    m_manager->setStrictTransportSecurityEnabled(false);
    m_watch.setInterval(WatchMs);
    connect(&m_watch, &QTimer::timeout, this, &QnamLane::watch);
}

QnamLane::~QnamLane()
{
    m_sockets.endAll(); // there is no call on them; its thread may be busy with one for ever
    m_graveyard->bury(std::move(m_manager));
}

int QnamLane::slotsMax() const
{
    // Over TLS HTTP/2 is assumed until a reply says otherwise: one connection then carries a burst.
    return mayBeHttp2() ? Http2SlotsMax : Http1SlotsMax;
}

int QnamLane::freeSlots() const
{
    return m_state == LaneState::Ready ? slotsMax() - inFlight() : 0;
}

void QnamLane::retire()
{
    if (m_state != LaneState::Ready)
        return;
    m_state = LaneState::Retired;
    if (m_calls.empty())
        die();
    else
        Q_EMIT slotsChanged();
}

void QnamLane::callFailed(const base::Error &why)
{
    if (isConnectFailure(why.code)) {
        m_connectError = why;
        retire();
    } else if (why.code == base::Errc::UpstreamClosed && mayBeHttp2()) {
        retire(); // after a GOAWAY, as far as one can tell; over HTTP/1.1 the others have their own
                  // connections
    }
}

void QnamLane::die()
{
    m_state = LaneState::Dead;
    m_watch.stop();
    Q_EMIT died(m_connectError);
}

void QnamLane::watch()
{
    // A failed call may end others, or start new ones elsewhere.
    for (QnamCall *call : std::vector<QnamCall *>(m_calls)) {
        if (std::find(m_calls.begin(), m_calls.end(), call) != m_calls.end())
            call->look();
    }
    if (m_state != LaneState::Dead)
        watchIntake();
}

void QnamLane::watchIntake()
{
    const std::int64_t taken = m_sockets.look();
    if (m_intake.look(taken)) {
        m_isFlooded = true;
        m_sockets.endBusiest(); // fails the calls on it
        retire();
        return;
    }
    m_quietLooks = taken == 0 && m_calls.empty() ? m_quietLooks + 1 : 0;
    if (m_quietLooks != QuietLooksMax)
        return;
    m_intake.settle();
    m_watch.setInterval(IdleWatchMs);
}

LaneFigures QnamLane::figures() const
{
    LaneFigures figures;
    figures.protocol = m_protocol;
    figures.inFlight = inFlight();
    figures.slots = slotsMax();
    figures.calls = m_callCount;
    figures.connections = m_connectionsOpened;
    return figures;
}

std::unique_ptr<Call> QnamLane::start(const CallRequest &request, CallSink &sink)
{
    ++m_callCount;
    auto call = std::make_unique<QnamCall>(*this, request, sink);
    m_calls.push_back(call.get());
    m_quietLooks = 0;
    if (m_watch.interval() != WatchMs)
        m_watch.setInterval(WatchMs);
    return call;
}

QSslConfiguration QnamLane::tlsConfiguration() const
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setProtocol(QSsl::TlsV1_2OrLater);
    if (!m_origin.authorities.isEmpty())
        tls.setCaCertificates(m_origin.authorities);
    return tls;
}

QNetworkRequest QnamLane::makePlainRequest() const
{
    // Everything Qt would do by itself, off: Weir passes on, it does not browse.
    QNetworkRequest plain;
    plain.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    plain.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    plain.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    plain.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    plain.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::PreferNetwork);
    plain.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    plain.setAttribute(QNetworkRequest::HttpPipeliningAllowedAttribute, false);
    plain.setAttribute(QNetworkRequest::Http2AllowedAttribute, m_origin.tls);
    plain.setAttribute(QNetworkRequest::DoNotBufferUploadDataAttribute, true);
    if (m_origin.tls)
        plain.setSslConfiguration(tlsConfiguration());
    return plain;
}

QNetworkRequest QnamLane::makeRequest(const CallRequest &request) const
{
    QNetworkRequest out = m_plainRequest;
    out.setUrl(QUrl::fromEncoded(m_originText + toBytes(request.target), QUrl::StrictMode));
    // setRawHeader() replaces, so repeated fields are joined, which RFC 9110 §5.3 allows for lists.
    for (const auto field : request.headers) {
        const QByteArray name = toBytes(field.name);
        QByteArray value = out.rawHeader(name); // empty where there is none
        if (!value.isEmpty())
            value += ", ";
        value += toBytes(field.value);
        out.setRawHeader(name, value);
    }
    if (request.bodySize)
        out.setHeader(QNetworkRequest::ContentLengthHeader, qlonglong(*request.bodySize));
    return out;
}

void QnamLane::open()
{
    m_sockets.adopt([this] {
        connectNow();
        // Qt would begin, and start its thread, at the next turn of the event loop.
        for (QNetworkReply *reply : m_manager->findChildren<QNetworkReply *>())
            QCoreApplication::sendPostedEvents(reply, QEvent::MetaCall);
    });
    m_watch.start();
}

void QnamLane::connectNow()
{
    const QString host = QString::fromStdString(m_origin.host);
    if (!m_origin.tls) {
        m_manager->connectToHost(host, m_origin.port);
        return;
    }
    QSslConfiguration tls = tlsConfiguration();
    // Without "h2" the connection would not be used by later HTTP/2 requests.
    tls.setAllowedNextProtocols(
        {QSslConfiguration::ALPNProtocolHTTP2, QSslConfiguration::NextProtocolHttp1_1});
    m_manager->connectToHostEncrypted(host, m_origin.port, tls);
}

void QnamLane::callConnected(bool isNew)
{
    if (isNew || !m_hasConnected) // if not by this call, then by open(), of which Qt tells nothing
        ++m_connectionsOpened;
    m_hasConnected = true;
}

void QnamLane::callLearnedProtocol(bool isHttp2)
{
    const int before = freeSlots();
    if (mayBeHttp2() && !isHttp2) // it was read without a limit until now
        m_intake.allow(QnamIntake::UnderWayMax);
    m_protocol = isHttp2 ? "h2" : "http/1.1";
    if (freeSlots() != before)
        Q_EMIT slotsChanged();
}

void QnamLane::callPaused()
{
    if (!mayBeHttp2())
        m_intake.allow(QnamIntake::HeldBack);
}

void QnamLane::callCut()
{
    m_intake.allow(mayBeHttp2() ? QnamIntake::UnderWayMax : QnamIntake::HeldBack);
}

void QnamLane::endWhatPilesUp()
{
    for (;;) {
        qint64 held = 0;
        QnamCall *most = nullptr;
        for (QnamCall *call : m_calls) {
            held += call->heldSize();
            if (!most || call->heldSize() > most->heldSize())
                most = call;
        }
        if (held <= HeldRepliesMax)
            return;
        most->endSlow(); // and is not among them any more
    }
}

void QnamLane::callEnded(QnamCall &call)
{
    std::erase(m_calls, &call);
    if (m_state == LaneState::Retired && m_calls.empty())
        die();
    else
        Q_EMIT slotsChanged();
}

} // namespace weir::upstream
