// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "http/message.h"
#include <cstdint>
#include <optional>
#include <QByteArray>
#include <string>

namespace weir::upstream {

/// Who is served first where calls wait for a lane.
enum class Priority : std::uint8_t
{
    Interactive, ///< somebody waits for it
    Background,  ///< token counting, embeddings, and whatever the client calls so
};

/// What is to be sent upstream.
struct CallRequest
{
    std::string method;
    std::string target;         ///< origin-form with query
    http::Headers headers = {}; ///< fit to send: no Host, framing or hop-by-hop fields
    bool hasBody = false;
    std::optional<std::int64_t> bodySize = {}; ///< bytes; absent with a body = unknown until it has ended
    Priority priority = Priority::Interactive;
};

/// Whether an upstream may have begun to work on a request. Only No allows another try (the rule of
/// ARCHITECTURE: never resend what may have arrived).
enum class Processed : std::uint8_t
{
    No,
    Maybe
};

/// When a lane's connection was made: what a call waited for that came before it stood.
struct ConnectTimes
{
    base::Instant began;
    base::Instant connected; ///< TCP stands
    base::Instant ready;     ///< TLS, too; calls can start
};

/// Gets what happens to one call. Implemented by pipeline::Flight. Callbacks come from the event loop; only
/// onLane() may come from within Pool::submit(), and onSent() from within endBody(), where onSent() and
/// onBodyWanted() of other calls may come, too. Order: onLane,
/// onConnecting?, onConnected?, onSent?, onHead, onChunk*, then exactly one of onEnd and onFailed, after
/// which nothing follows and the Call is gone. Nothing follows cancel() either.
class CallSink
{
public:
    /// A lane took the call. `reused`: over an open connection, as far as the lane can tell.
    virtual void onLane(bool reused) = 0;
    /// A new connection is being made / stands, TLS included.
    virtual void onConnecting() = 0;
    virtual void onConnected() = 0;
    /// Told by the pool right after onLane(): the call has waited in the queue while its lane connected.
    virtual void onConnectionAwaited(const ConnectTimes &) {}
    /// The last byte of the request was handed to the connection.
    virtual void onSent() = 0;
    /// More of the body may be given: the lane holds less than its low watermark again.
    virtual void onBodyWanted() = 0;
    virtual void onHead(http::ResponseHead head, std::string_view protocol) = 0;
    virtual void onChunk(QByteArray bytes) = 0;
    virtual void onEnd() = 0;
    virtual void onFailed(base::Error error, Processed processed) = 0;

protected:
    ~CallSink() = default;
};

/// One call in a pool's queue or on a lane. Owned by the pool; borrowed by the caller until onEnd, onFailed
/// or cancel().
class Call
{
public:
    Call() = default;
    virtual ~Call() = default;
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    /// Hands over a piece of the body (at most bodySize in total). Shared, not copied.
    virtual void sendBody(QByteArray bytes) = 0;
    virtual void endBody() = 0;
    /// True while the lane holds more of the body than its high watermark: pause the client.
    virtual bool isBodyFull() const = 0;
    /// Stops and resumes onChunk(): back-pressure from the client.
    virtual void pause() = 0;
    virtual void resume() = 0;
    /// Ends the call in whatever state it is; the upstream is told at once (RST_STREAM or close).
    virtual void cancel() = 0;
};

} // namespace weir::upstream
