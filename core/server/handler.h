// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "http/message.h"
#include <cstdint>
#include <QByteArray>

namespace weir::server {

/// The client's side of one exchange, as the handler uses it. Implemented by Connection.
/// Borrowed by the handler from Handler::begin() until it has called end() or cut(), or Intake::abandon() was
/// called: after any of these three neither side calls the other again.
class Reply
{
public:
    /// Once, before everything else but continueBody(). Held back until the first chunk, the end, or the next
    /// turn of the event loop, so that head and first chunk leave in one packet.
    virtual void sendHead(http::ResponseHead head) = 0;
    /// Written to the socket at once. Never refused; watch isFull().
    virtual void sendChunk(QByteArray bytes) = 0;
    /// The reply is whole. Called once; nothing follows.
    virtual void end() = 0;
    /// The reply stays incomplete, and the client can see it: the connection closes without the last chunk or
    /// before Content-Length is met. Called once; nothing follows.
    virtual void cut() = 0;

    /// Sends "100 Continue" if the client waits for it; else does nothing.
    virtual void continueBody() = 0;
    /// Stops and resumes reading the client's body: back-pressure from the upstream.
    virtual void pauseBody() = 0;
    virtual void resumeBody() = 0;
    /// True while more bytes wait for the client than the high watermark: pause the upstream.
    /// Intake::drained() tells when it is over.
    virtual bool isFull() const = 0;

protected:
    ~Reply() = default;
};

/// The handler's side of one exchange: what the connection tells it. Implemented by pipeline::Exchange.
class Intake
{
public:
    virtual void body(QByteArray bytes) = 0;
    virtual void bodyEnd() = 0;
    /// Fewer bytes wait than the low watermark again.
    virtual void drained() = 0;
    /// The rest of the body will not come: malformed, too large, too slow. The handler ends the exchange with end() or
    /// cut() before it returns; the connection closes after that.
    virtual void bodyFailed(base::Error why) = 0;
    /// The client is gone. Called once; nothing follows.
    virtual void abandon(base::Error why) = 0;

protected:
    ~Intake() = default;
};

/// When and where a request came in.
struct Arrival
{
    base::Instant headBegan; ///< first byte of the request seen
    base::Instant headDone;
    std::uint16_t localPort = 0; ///< the port it came in on: part of the Host check
};

/// Gets every request of every connection. Implemented by pipeline::Pipeline.
class Handler
{
public:
    /// Takes a request whose head is complete. Returns who gets its body, or nullptr if the exchange is
    /// already over (reply.end() or cut() has been called; the rest of the body is discarded).
    virtual Intake *begin(http::RequestHead head, const Arrival &arrival, Reply &reply) = 0;

    /// The reply to bytes that never became an exchange (malformed, too large, too slow): what to send before the
    /// connection closes. `head` is null if it was never complete.
    struct Refusal
    {
        http::ResponseHead head;
        QByteArray body;
    };
    virtual Refusal refuse(const base::Error &why, const http::RequestHead *head) = 0;

protected:
    ~Handler() = default;
};

} // namespace weir::server
