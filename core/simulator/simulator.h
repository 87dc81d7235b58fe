// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <QByteArray>
#include <QObject>
#include <QString>
#include <memory>

namespace weir::simulator {

struct Options
{
    QString address = QStringLiteral("127.0.0.1");
    quint16 port = 0; ///< 0 = any free one
    bool tls = false; ///< with a certificate made at start for localhost and 127.0.0.1
    bool http2 = true; ///< ALPN h2 over TLS, prior knowledge in cleartext; HTTP/1.1 is always spoken too
    int chunkCount = 20; ///< content events of a stream
    int chunkGapMs = 20; ///< between two of them; 0 = as fast as possible
    int firstByteMs = 0; ///< thinking time before the reply
};

/// What arrived, for logs and tests.
struct Arrived
{
    QByteArray protocol; ///< "h2" or "http/1.1"
    bool tls = false;
    QByteArray method;
    QByteArray target;
    QByteArray headers; ///< "name: value\n" lines in order, secrets included: it is a simulation
    QByteArray body;
    int status = 0;
    bool completed = false; ///< the whole reply was written
    bool cancelled = false; ///< the caller left before the end
    qint64 durationMs = 0;
};

/// A pretend provider: both dialects, JSON and SSE, HTTP/1.1 and HTTP/2, faults chosen by a model named `sim-…`
/// (see README of this room). Lives in the thread that created it; needs an event loop.
class Simulator : public QObject
{
    Q_OBJECT
public:
    explicit Simulator(Options options, QObject *parent = nullptr);
    ~Simulator() override;

    /// Listens; the port, or why not.
    base::Result<quint16> listen();
    /// PEM of the certificate, to be trusted by the caller; empty without TLS.
    QByteArray certificatePem() const;

Q_SIGNALS:
    /// When a request's reply has ended in whatever way.
    void served(const weir::simulator::Arrived &arrived);
    /// When the request is complete, before the reply.
    void arrived(const weir::simulator::Arrived &arrived);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir::simulator
