// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/qnam_call.h"

#include "http/response_parser.h"
#include "upstream/health.h"
#include "upstream/pooled_call.h"
#include "upstream/qnam_head.h"
#include "upstream/qnam_lane.h"
#include <algorithm>
#include <QSslError>
#include <utility>

namespace weir::upstream {

using base::Errc;
using base::Error;

namespace {

/// The error that QNetworkAccessManager makes of an HTTP status; everything else is a fault of the
/// connection.
QNetworkReply::NetworkError errorForStatus(int status)
{
    switch (status) {
    case 400:
        return QNetworkReply::ProtocolInvalidOperationError;
    case 401:
        return QNetworkReply::AuthenticationRequiredError;
    case 403:
        return QNetworkReply::ContentAccessDenied;
    case 404:
        return QNetworkReply::ContentNotFoundError;
    case 405:
        return QNetworkReply::ContentOperationNotPermittedError;
    case 407:
        return QNetworkReply::ProxyAuthenticationRequiredError;
    case 409:
        return QNetworkReply::ContentConflictError;
    case 410:
        return QNetworkReply::ContentGoneError;
    case 418:
        return QNetworkReply::ProtocolInvalidOperationError;
    case 500:
        return QNetworkReply::InternalServerError;
    case 501:
        return QNetworkReply::OperationNotImplementedError;
    case 503:
        return QNetworkReply::ServiceUnavailableError;
    default:
        break;
    }
    if (status >= 500)
        return QNetworkReply::UnknownServerError;
    return status >= 400 ? QNetworkReply::UnknownContentError : QNetworkReply::NoError;
}

} // namespace

QnamCall::QnamCall(QnamLane &lane, const CallRequest &request, CallSink &sink)
    : m_lane(&lane), m_sink(sink), m_reused(lane.m_hasConnected)
{
    start(request);
}

QnamCall::~QnamCall()
{
    letGo();
}

void QnamCall::start(const CallRequest &request)
{
    m_sink.onLane(m_reused); // first: what follows is work, not waiting
    const QNetworkRequest out = m_lane->makeRequest(request);
    const QByteArray verb = QByteArray::fromStdString(request.method);
    m_isSafe = verb == "GET" || verb == "HEAD";
    QNetworkAccessManager &manager = *m_lane->m_manager;
    if (request.bodySize) {
        m_body = new BodyDevice(this);
        connect(m_body, &BodyDevice::taken, this, &QnamCall::bodyTaken);
        connect(m_body, &BodyDevice::exhausted, this, &QnamCall::bodyExhausted);
        m_reply = verb == "POST" ? manager.post(out, m_body) : manager.sendCustomRequest(out, verb, m_body);
    } else if (verb == "GET") {
        m_reply = manager.get(out);
    } else if (verb == "HEAD") {
        m_reply = manager.head(out);
    } else {
        m_reply = manager.sendCustomRequest(out, verb);
    }
    m_reply->setParent(this);
    connect(m_reply, &QNetworkReply::socketStartedConnecting, this, [this] {
        m_connecting = true;
        m_sink.onConnecting();
    });
    connect(m_reply, &QNetworkReply::encrypted, this, &QnamCall::connected);
    connect(m_reply, &QNetworkReply::requestSent, this, [this] {
        connected();
        if (!m_body)
            bodyExhausted();
    });
    connect(m_reply, &QNetworkReply::sslErrors, this, &QnamCall::collectTlsErrors);
    connect(m_reply, &QNetworkReply::metaDataChanged, this, &QnamCall::headCame);
    connect(m_reply, &QNetworkReply::readyRead, this, &QnamCall::bytesCame);
    connect(m_reply, &QNetworkReply::finished, this, &QnamCall::finished);
    // Qt starts at the next turn and has to be told after that, but before a reply: without a limit its
    // thread would read for as long as something comes, and keep it.
    if (!m_lane->mayBeHttp2())
        QMetaObject::invokeMethod(
            m_reply, [reply = m_reply] { reply->setReadBufferSize(ReadBufferSize); }, Qt::QueuedConnection);
}

// ── towards the upstream

void QnamCall::connected()
{
    if (std::exchange(m_connected, true))
        return;
    m_lane->callConnected(m_connecting);
    m_sink.onConnected();
}

void QnamCall::sendBody(QByteArray bytes)
{
    if (!m_body)
        return;
    m_body->append(std::move(bytes));
    m_bodyFull = m_body->heldSize() > BodyHighWatermark;
}

void QnamCall::endBody()
{
    if (m_body)
        m_body->finish();
}

void QnamCall::bodyTaken()
{
    m_bodyTaken = true;
    if (m_bodyFull && m_body->heldSize() <= BodyHighWatermark / 2) {
        m_bodyFull = false;
        m_sink.onBodyWanted();
    }
}

void QnamCall::bodyExhausted()
{
    if (!std::exchange(m_sentTold, true))
        m_sink.onSent();
}

// ── from the upstream

void QnamCall::headCame()
{
    if (m_headTold)
        return;
    m_status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (m_status == 0)
        return; // not a head; finished() tells what it is
    const bool isHttp2 = m_reply->attribute(QNetworkRequest::Http2WasUsedAttribute).toBool();
    if (!m_finished) {
        // Another head follows an interim one, at least over HTTP/2.
        if (m_status >= 100 && m_status < 200 && m_status != 101 && ++m_interimCount <= http::InterimMax)
            return;
        if (isHttp2 && asksForCredential() && m_reply->bytesAvailable() == 0)
            return; // see below
    }
    base::Result<http::ResponseHead> head = readHead(*m_reply);
    if (!head) {
        m_lane->retire(); // who breaks the protocol once may have broken the connection
        fail({Errc::UpstreamProtocol, m_lane->m_origin.text() + " (" + head.error().detail + ")"});
        return;
    }
    // Over HTTP/2 Qt keeps the body of a challenge to itself: better a whole reply without than a cut one.
    if (isHttp2 && asksForCredential() && m_reply->bytesAvailable() == 0)
        head->contentLength = 0;
    m_headTold = true;
    for (const auto &[name, value] : m_reply->rawHeaderPairs())
        m_lane->m_intake.show(name.size() + value.size());
    m_lane->callLearnedProtocol(isHttp2);
    if (!isHttp2)
        m_reply->setReadBufferSize(ReadBufferSize); // of the first one over TLS, no sooner than this
    m_sink.onHead(*std::move(head), m_lane ? m_lane->m_protocol : std::string());
}

void QnamCall::showIntake()
{
    const qint64 shown = m_delivered + m_reply->bytesAvailable();
    m_lane->m_intake.show(shown - std::exchange(m_shown, shown));
}

void QnamCall::bytesCame()
{
    headCame();
    if (!m_lane)
        return;
    if (!m_headTold && m_reply->bytesAvailable() > 0) {
        m_lane->retire();
        fail({Errc::UpstreamProtocol, m_lane->m_origin.text() + " (a body before its head)"});
        return;
    }
    if (m_paused)
        m_lane->endWhatPilesUp();
    else
        deliver();
}

void QnamCall::endSlow()
{
    fail({Errc::WriteStallTimeout,
          "the client reads too slowly: " + std::to_string(heldSize()) + " bytes of the reply are waiting"});
}

void QnamCall::pause()
{
    m_paused = true;
    if (m_lane)
        m_lane->callPaused();
}

void QnamCall::resume()
{
    m_paused = false;
    // Not from here: the caller is in the middle of something.
    QMetaObject::invokeMethod(this, &QnamCall::deliver, Qt::QueuedConnection);
}

void QnamCall::deliver()
{
    if (!m_lane || !m_headTold)
        return;
    while (!m_paused && m_reply->bytesAvailable() > 0) {
        // Not more than there is: Qt allocates what is asked for, and the piece keeps it while it waits.
        QByteArray piece = m_reply->read(std::min(m_reply->bytesAvailable(), ReadBufferSize));
        m_delivered += piece.size();
        m_sink.onChunk(std::move(piece));
        if (!m_lane)
            return; // cancelled by the sink
    }
    if (m_finished && !m_paused)
        end();
}

void QnamCall::finished()
{
    m_finished = true;
    headCame(); // a reply without a body may tell its head only now
    if (m_lane && !m_headTold)
        fail(failure());
    else
        deliver();
}

void QnamCall::end()
{
    if (!isWhole()) {
        fail(failure());
        return;
    }
    letGo();
    m_sink.onEnd();
}

bool QnamCall::isWhole() const
{
    const auto error = m_reply->error();
    return error == QNetworkReply::NoError || (m_status >= 400 && error == errorForStatus(m_status));
}

void QnamCall::collectTlsErrors(const QList<QSslError> &errors)
{
    for (const QSslError &error : errors)
        m_tlsErrors += (m_tlsErrors.isEmpty() ? QString() : QStringLiteral("; ")) + error.errorString();
}

Error QnamCall::failure() const
{
    if (m_lane->m_isFlooded) {
        return {Errc::UpstreamProtocol,
                m_lane->m_origin.text() + " (it sends without an end what is no reply)"};
    }
    Error error = qtFailure();
    // Qt makes these of what an upstream says over HTTP/2, too (RST_STREAM with SETTINGS_TIMEOUT).
    if (m_connected && isConnectFailure(error.code))
        error.code = Errc::UpstreamClosed;
    return error;
}

Error QnamCall::qtFailure() const
{
    std::string detail = m_lane->m_origin.text();
    if (isLeftOut())
        return {Errc::UpstreamClosed, detail + ": the connection takes no more requests"};
    const auto withReason = [&](Errc code) {
        // Qt's text may repeat the URL; the reason alone is wanted.
        const QString reason = m_tlsErrors.isEmpty() ? m_reply->errorString() : m_tlsErrors;
        return Error{code, detail + " (" + reason.left(200).toStdString() + ")"};
    };
    switch (m_reply->error()) {
    case QNetworkReply::ConnectionRefusedError:
        return {Errc::UpstreamRefused, detail};
    case QNetworkReply::HostNotFoundError:
        return {Errc::UpstreamNotFound, detail};
    case QNetworkReply::TimeoutError:
        return {Errc::ConnectTimeout, detail};
    case QNetworkReply::SslHandshakeFailedError:
        return withReason(Errc::UpstreamTls);
    case QNetworkReply::RemoteHostClosedError:
    case QNetworkReply::ContentReSendError:
        return {Errc::UpstreamClosed, detail};
    case QNetworkReply::TemporaryNetworkFailureError:
    case QNetworkReply::NetworkSessionFailedError:
    case QNetworkReply::UnknownNetworkError:
        return withReason(m_connected ? Errc::UpstreamClosed : Errc::UpstreamRefused);
    case QNetworkReply::NoError:
        return {Errc::UpstreamProtocol, detail + ": no status"};
    default:
        return withReason(Errc::UpstreamProtocol);
    }
}

// ── ends

/// Qt has told of no head that it wrote, and takes the body from us piece by piece, in this thread: where it
/// has taken nothing, and cannot any more, the upstream has no complete request.
bool QnamCall::isProvenUnsent() const
{
    return isUntouched() && (m_isSafe || (m_body && m_body->heldSize() > 0));
}

/// By a GOAWAY that says so. Of a request that it has not sent and of one that the upstream will not process
/// Qt tells by these texts alone, which it does not translate; of an upstream they cannot come.
bool QnamCall::isLeftOut() const
{
    const QString text = m_reply->errorString();
    return text == QLatin1String("GOAWAY received, cannot start a request") ||
           text == QLatin1String("Server stopped accepting new streams before this stream was established");
}

void QnamCall::fail(Error error)
{
    // A connection that did not come about has carried nothing; after that only a GOAWAY proves that the request
    // was not worked on. What Qt has told of so far proves nothing: it may tell of the end first, of the sending
    // never.
    const bool neverArrived = !m_connected && !m_headTold && !m_reused && isConnectFailure(error.code);
    const bool isUnprocessed = neverArrived || (isLeftOut() && !m_headTold);
    m_lane->callFailed(error);
    letGo();
    m_sink.onFailed(std::move(error), isUnprocessed ? Processed::No : Processed::Maybe);
}

void QnamCall::look()
{
    showIntake();
    if (m_reply->bytesAvailable() > 0)
        bytesCame();
    if (m_lane)
        lookWhetherItBegins();
}

void QnamCall::lookWhetherItBegins()
{
    if (!m_lane->m_hasConnected || !isUntouched()) { // connecting has a deadline of its own
        m_unsentLooks = 0;
        return;
    }
    if (++m_unsentLooks < QnamLane::UnsentLooksMax)
        return;
    const bool isUnsent = isProvenUnsent();
    Error error{Errc::UpstreamClosed, m_lane->m_origin.text() + ": the connection takes no more requests"};
    m_lane->retire();
    letGo();
    m_sink.onFailed(std::move(error), isUnsent ? Processed::No : Processed::Maybe);
}

void QnamCall::cancel()
{
    letGo();
}

void QnamCall::letGo()
{
    if (!m_lane)
        return;
    showIntake();
    m_reply->disconnect(this);
    if (m_body)
        m_body->disconnect(this);
    if (!m_finished) {
        m_reply->abort();
        if (m_headTold)
            m_lane->callCut();
    }
    QnamLane *lane = m_lane;
    m_lane.clear();
    lane->callEnded(*this);
}

} // namespace weir::upstream
