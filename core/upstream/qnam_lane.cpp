// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/qnam_lane.h"

#include "upstream/health.h"
#include "upstream/qnam_call.h"
#include "upstream/tcp_no_delay.h"
#include <algorithm>
#include <QNetworkProxy>
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
    if (!m_hasConnected)
        return; // connecting has a deadline of its own
    // A failed call may end others, or start new ones elsewhere.
    for (QnamCall *call : std::vector<QnamCall *>(m_calls)) {
        if (std::find(m_calls.begin(), m_calls.end(), call) != m_calls.end())
            call->look();
    }
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
    if (!m_watch.isActive())
        m_watch.start();
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
    if (isNew || !m_nagleOff)
        disableNagleEverywhere();
    m_nagleOff = true;
}

void QnamLane::callLearnedProtocol(bool isHttp2)
{
    const int before = freeSlots();
    m_protocol = isHttp2 ? "h2" : "http/1.1";
    if (freeSlots() != before)
        Q_EMIT slotsChanged();
}

void QnamLane::callEnded(QnamCall &call)
{
    std::erase(m_calls, &call);
    if (m_calls.empty())
        m_watch.stop();
    if (m_state == LaneState::Retired && m_calls.empty())
        die();
    else
        Q_EMIT slotsChanged();
}

} // namespace weir::upstream
