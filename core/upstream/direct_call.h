// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/byte_queue.h"
#include "upstream/call.h"
#include <optional>

namespace weir::upstream {

/// What a call on a direct lane is, whatever protocol carries it: the body on its way up, the reply on its
/// way down, and the promise that its sink gets exactly one end.
///
/// While it is paused, what the session has read already waits here, the end included. The session bounds
/// that: by the stream's window over HTTP/2, by the block being read over HTTP/1.1.
class DirectCall : public Call
{
public:
    void sendBody(QByteArray bytes) final;
    void endBody() final;
    bool isBodyFull() const final { return m_bodyFull; }
    void pause() final { m_paused = true; }
    void resume() final;
    void cancel() final;

    // What follows is for the session. Each tell… and end() may be the call's last moment: the sink may
    // destroy it.
    void tellLane(bool reused) { m_sink.onLane(reused); }
    void tellSent() { m_sink.onSent(); }
    void tellBodyWanted();
    void tellHead(http::ResponseHead head, std::string_view protocol);
    void tellChunk(QByteArray bytes);
    /// Ends it: well with Errc::None, else with what went wrong. After the chunks that wait.
    void end(base::Error why = {}, Processed processed = Processed::Maybe);
    /// Hands on one thing that waited; false if nothing does, or it is paused.
    bool deliverNext();

    /// Bytes of the reply that wait for resume().
    qsizetype heldSize() const { return m_held.size(); }
    bool isPaused() const { return m_paused; }
    /// True once end() was called, although the sink may not have heard of it.
    bool isEnding() const { return m_ending.has_value(); }
    bool isBodyEnded() const { return m_bodyEnded; }
    ByteQueue &body() { return m_body; }
    /// True once each time the body has fallen below its low watermark: tellBodyWanted() is due.
    bool takeBodyWanted();

protected:
    /// `sink` is borrowed until the call ends.
    DirectCall(CallSink &sink, bool hasBody) : m_sink(sink), m_bodyEnded(!hasBody) {}

    // What the protocol makes of it. None of them may tell the sink anything.
    virtual void bodyGiven() = 0;                ///< more of the body, or its end
    virtual void resumed() = 0;                  ///< deliverNext() is wanted, but not from here
    virtual void delivered(qsizetype bytes) = 0; ///< before each onChunk()
    virtual void leave(bool cancelled) = 0;      ///< the session is to forget this call; once

private:
    struct Ending
    {
        base::Error why;
        Processed processed;
    };

    void tellEnd();

    CallSink &m_sink;
    ByteQueue m_body;
    ByteQueue m_held;
    std::optional<Ending> m_ending;
    bool m_bodyEnded;
    bool m_bodyFull = false;
    bool m_paused = false;
    bool m_left = false;
};

} // namespace weir::upstream
