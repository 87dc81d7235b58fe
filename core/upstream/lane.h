// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/call.h"
#include <cstdint>
#include <memory>
#include <QByteArray>
#include <QList>
#include <QObject>
#include <QSslCertificate>
#include <string>

namespace weir::upstream {

/// Scheme, host and port: what a connection is made to, and how it is trusted.
struct Origin
{
    bool tls = true;
    std::string host;
    std::uint16_t port = 443;
    QList<QSslCertificate> authorities; ///< trusted instead of the system's; empty = the system's

    /// "https://api.z.ai:443"
    std::string text() const
    {
        const bool isIpv6 = host.find(':') != std::string::npos;
        return (tls ? "https://" : "http://") + (isIpv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
    }
};

/// A connection (or what stands for one) that carries calls to one origin: the seam between the pool and the
/// ways to reach a provider. Proxy thread; owned by its pool.
class Lane : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// Starts a call. Only while freeSlots() > 0. `sink` is borrowed until the call ends, and is told nothing
    /// but onLane() before start() has returned. The call lives until it has ended and the returned pointer
    /// is released.
    virtual std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) = 0;

    virtual int inFlight() const = 0;
    /// How many more calls it can carry now.
    virtual int freeSlots() const = 0;
    /// "h2", "http/1.1", "" before the first reply.
    virtual std::string protocol() const = 0;
    /// Connections opened since the lane was made.
    virtual std::uint64_t connectionsOpened() const = 0;
    /// True once a connection stood: from then on a wait is not a connect.
    virtual bool hasConnected() const = 0;
    /// Opens a connection before the first call.
    virtual void warm() = 0;

Q_SIGNALS:
    /// A slot became free, or the number of slots changed.
    void slotsChanged();
};

} // namespace weir::upstream
