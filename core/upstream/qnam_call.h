// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/body_device.h"
#include "upstream/call.h"
#include <memory>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>

namespace weir::upstream {

class QnamLane;

/// One exchange of a QnamLane: a QNetworkReply turned into what a CallSink expects.
class QnamCall final : public QObject, public Call
{
    Q_OBJECT
public:
    /// Bytes of a reply that Qt may hold for a paused client over HTTP/1.1; over HTTP/2 it knows no
    /// back-pressure, see QnamLane::HeldRepliesMax.
    static constexpr qint64 ReadBufferSize = 128 * 1024;

    QnamCall(QnamLane &lane, const CallRequest &request, CallSink &sink);
    ~QnamCall() override;

    void sendBody(QByteArray bytes) override;
    void endBody() override;
    bool isBodyFull() const override { return m_bodyFull; }
    void pause() override;
    void resume() override;
    void cancel() override;

    /// From the lane's watchdog: tells it what Qt has shown, and takes over what Qt does not speak of while
    /// more comes. A call that Qt does not begin to send although a connection stands is given up.
    void look();
    /// Bytes of the reply that wait for a client which does not read.
    qint64 heldSize() const { return m_paused ? m_reply->bytesAvailable() : 0; }
    /// Ended because of them.
    void endSlow();

private:
    void start(const CallRequest &request);
    void connected();
    void bodyTaken();
    void bodyExhausted();
    void headCame();
    void bytesCame();
    void finished();
    void collectTlsErrors(const QList<QSslError> &errors);
    void showIntake();
    void lookWhetherItBegins();
    void deliver();
    void end();
    void fail(base::Error error);
    void letGo();
    bool isUntouched() const { return !m_connecting && !m_connected && !m_bodyTaken && !m_headTold; }
    bool isWhole() const;
    /// Qt treats 401 and 407 as questions that it has to answer itself.
    bool asksForCredential() const { return m_status == 401 || m_status == 407; }
    base::Error failure() const;
    base::Error qtFailure() const;
    bool isProvenUnsent() const;
    bool isLeftOut() const;

    QPointer<QnamLane> m_lane; // null once the call is over
    CallSink &m_sink;
    QNetworkReply *m_reply = nullptr; // child
    BodyDevice *m_body = nullptr;     // child; null without a body
    QString m_tlsErrors;
    int m_status = 0;
    int m_interimCount = 0;
    qint64 m_delivered = 0;
    qint64 m_shown = 0; // of the body, delivered or not, and told to the lane
    bool m_reused = false;
    bool m_connecting = false;
    bool m_connected = false;
    bool m_sentTold = false;
    bool m_bodyTaken = false; // some of it
    bool m_bodyFull = false;
    bool m_isSafe = false; // GET, HEAD: to be asked twice does no harm
    int m_unsentLooks = 0;
    bool m_headTold = false;
    bool m_paused = false;
    bool m_finished = false; // Qt has said its last word; bytes may still wait to be delivered
};

} // namespace weir::upstream
