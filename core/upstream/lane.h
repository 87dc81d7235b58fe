// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "upstream/call.h"
#include <cstdint>
#include <memory>
#include <optional>
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
        return (tls ? "https://" : "http://") + (isIpv6 ? "[" + host + "]" : host) + ":" +
               std::to_string(port);
    }
};

enum class LaneState : std::uint8_t
{
    Connecting, ///< name look-up, TCP and TLS are under way; takes no calls yet
    Ready,
    Retired, ///< takes no more calls; those in flight may end
    Dead,    ///< the connection is gone or never stood; all calls have been failed
};

/// What a lane counts, for the snapshot. Counters since the lane was made.
struct LaneFigures
{
    std::string protocol; ///< "h2", "http/1.1", "" while unknown
    int inFlight = 0;
    int slots = 0;                           ///< calls that it can carry at most; 0 while unknown
    std::uint64_t calls = 0;                 ///< started
    std::uint64_t connections = 0;           ///< opened
    std::uint64_t goAways = 0;               ///< received
    std::uint64_t resets = 0;                ///< streams that the upstream reset
    std::optional<ConnectTimes> times;       ///< of the last connection; absent where the lane cannot tell
    std::optional<base::Duration> roundTrip; ///< of the last answered health check
};

/// A connection (or what stands for one) that carries calls to one origin: the seam between the pool and the
/// ways to reach a provider. A lane connects by itself once open() was called, and never again after its
/// connection has gone: the pool makes another one. Proxy thread; owned by its pool.
class Lane : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// Begins to connect. Once, before anything else.
    virtual void open() = 0;
    virtual LaneState state() const = 0;
    /// How many more calls it can carry now; 0 unless Ready.
    virtual int freeSlots() const = 0;
    virtual int inFlight() const = 0;
    /// Starts a call. Only while freeSlots() > 0. `sink` is borrowed until the call ends, and is told nothing
    /// but onLane() before start() has returned. The call lives until it has ended and the returned pointer
    /// is released.
    virtual std::unique_ptr<Call> start(const CallRequest &request, CallSink &sink) = 0;
    /// True if a request body can only be sent once its size is known.
    virtual bool needsBodySize() const = 0;

    /// Takes no more calls; dies once those in flight have ended.
    virtual void retire() = 0;
    /// Asks the upstream for a sign of life that costs nobody anything (HTTP/2 PING). A lane that gets none
    /// within its deadline dies. Does nothing where the protocol knows no such question.
    virtual void checkHealth() = 0;
    /// A call on it had no sign of life within its deadline: find out whether the connection still is one, or
    /// take no more calls.
    virtual void suspect() { checkHealth(); }
    virtual LaneFigures figures() const = 0;

Q_SIGNALS:
    /// freeSlots() or state() may have changed, other than to Dead.
    void slotsChanged();
    /// The upstream asks for fewer requests. Before the calls that it has therefore not taken fail; not to be
    /// answered with anything done to a lane.
    void calmAsked();
    /// Once; the calls in flight were failed before. `why` is empty (Errc::None) after a regular end: retired
    /// and done, or closed by the upstream while idle.
    void died(weir::base::Error why);
};

} // namespace weir::upstream
