// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "upstream/lane.h"
#include <memory>
#include <QHostAddress>
#include <QSslConfiguration>
#include <QTcpSocket>
#include <QTimer>
#include <vector>

namespace weir::upstream {

/// How an origin is spoken to over TLS, and the ticket of the last session, by which the next handshake is
/// shorter. Shared by all lanes to one origin; never between origins or sets of trusted authorities, because
/// a resumed session is not verified again.
struct TlsMemory
{
    explicit TlsMemory(const Origin &origin);

    QSslConfiguration configuration;
};

/// Makes one connection: name look-up, TCP to whichever address answers first (RFC 8305), TLS. Once.
class Connector final : public QObject
{
    Q_OBJECT
public:
    /// After this time the next address is tried, too (RFC 8305 §5).
    static constexpr std::chrono::milliseconds AttemptDelay{250};
    /// Of the addresses that the look-up tells, so many are tried at most.
    static constexpr int AddressesMax = 8;
    /// Unacknowledged bytes older than this end the connection (TCP_USER_TIMEOUT).
    static constexpr std::chrono::milliseconds UnackedMax{30'000};

    /// `clock` is borrowed for the connector's life. `tls` may be null for a cleartext origin. `deadline` is
    /// for everything together.
    Connector(Origin origin, std::shared_ptr<TlsMemory> tls, base::Duration deadline,
              const base::Clock &clock, QObject *parent);
    ~Connector() override;

    void start();
    /// Gives up without a word.
    void cancel() { stop(); }
    /// As far as they have come; whole from ready() on.
    const ConnectTimes &times() const { return m_times; }

    /// In the order in which they are to be tried: families take turns, beginning with the first one's
    /// (RFC 8305 §4).
    static QList<QHostAddress> interleaved(const QList<QHostAddress> &addresses);
    /// Tries these instead of what the look-up would tell. In place of start(), for tests.
    void startWith(const QList<QHostAddress> &addresses);

Q_SIGNALS:
    /// The connection stands. The receiver takes the socket over (setParent). Once, or failed().
    void ready(QTcpSocket *socket);
    /// UpstreamNotFound, UpstreamRefused, UpstreamTls or ConnectTimeout.
    void failed(weir::base::Error why);

private:
    void begin();
    void tryNext();
    void attemptFailed(QTcpSocket &socket);
    void won(QTcpSocket &socket);
    void beginTls();
    void done();
    void fail(base::Errc code, const QString &reason);
    void stop();

    const Origin m_origin;
    const std::shared_ptr<TlsMemory> m_tls;
    const base::Clock &m_clock;
    ConnectTimes m_times;
    QTimer m_deadline;
    QTimer m_nextAttempt;
    QList<QHostAddress> m_addresses; // not tried yet
    std::vector<QTcpSocket *> m_attempts;
    QTcpSocket *m_socket = nullptr; // the one that won
    int m_lookup = -1;
    base::Errc m_firstError = base::Errc::None; // of the attempts
    QString m_firstReason;
};

} // namespace weir::upstream
