// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "http/limits.h"
#include <memory>
#include <QByteArray>
#include <QObject>
#include <QString>

namespace weir::simulator {

/// What is wrong with TLS; each connection shows it, and no HTTP is spoken.
enum class TlsFault
{
    None,
    Expired,   ///< the certificate, yesterday
    WrongHost, ///< the certificate is for wrong-host.invalid only
    Unknown,   ///< the certificate is another one than certificatePem() tells
    Stall,     ///< nothing is answered to the caller's first message
    Close,     ///< the connection closes upon the caller's first message
};

struct Options
{
    QString address = QStringLiteral("127.0.0.1");
    quint16 port = 0;                   ///< 0 = any free one
    bool tls = false;                   ///< with a certificate made at start for localhost, 127.0.0.1 and ::1
    TlsFault tlsFault = TlsFault::None; ///< only with tls
    bool http2 = true;     ///< ALPN h2 over TLS, prior knowledge in cleartext; HTTP/1.1 is always spoken too
    int callersMax = 4096; ///< connections at a time, handshakes included; further ones are closed at once
    int streamsMax = 128;  ///< concurrent streams of an HTTP/2 connection, as announced in SETTINGS
    int chunkCount = 20;   ///< content events of a stream
    int chunkGapMs = 20;   ///< between two of them; 0 = as fast as possible
    int firstByteMs = 0;   ///< thinking time before the reply
    int readKbps = 0;      ///< kB of requests read per second and connection; 0 = as fast as they come
    std::int64_t bodyMax = http::BodyMaxDefault; ///< bytes of a request body
    bool requireKey = false;                     ///< answer 401 to API requests without a credential
};

/// What arrived, for logs and tests.
struct Arrived
{
    QByteArray protocol; ///< "h2" or "http/1.1"
    bool tls = false;
    QByteArray method;
    QByteArray target;
    /// "name: value\n" lines in order, secrets included: it is a simulation. Over HTTP/2 `:authority` is told
    /// as `host`, first.
    QByteArray headers;
    QByteArray body;
    int status = 0;         ///< as sent; 0 before the reply and if no valid head was sent
    bool completed = false; ///< the whole reply was written
    bool cancelled = false; ///< the caller left before the end; neither = a fault broke the reply off
    qint64 durationMs = 0;  ///< from the end of the request
};

/// A pretend provider: both dialects, JSON and SSE, HTTP/1.1 and HTTP/2, faults chosen by a model named
/// `sim-…` (see README.md of this room). Lives in the thread that created it; needs an event loop.
class Simulator : public QObject
{
    Q_OBJECT
public:
    explicit Simulator(Options options, QObject *parent = nullptr);
    ~Simulator() override;

    /// Listens; the port, or why not.
    base::Result<quint16> listen();
    /// PEM of the certificate, to be trusted by the caller; empty without TLS and before listen().
    QByteArray certificatePem() const;

Q_SIGNALS:
    /// When a request is complete, before the reply.
    void arrived(const weir::simulator::Arrived &arrived);
    /// When a request's reply has ended in whatever way. Once for each arrived(), unless the simulator goes
    /// first.
    void served(const weir::simulator::Arrived &arrived);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir::simulator
