// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/byte_queue.h"
#include "upstream/call.h"
#include <optional>
#include <string_view>

namespace weir::upstream {

/// What a call on a direct lane is, whatever protocol carries it: the body on its way up, the reply on its
/// way down, and the promise that its sink gets exactly one end.
///
/// What the session reads of the reply waits here until deliverNext(): to the end of the block that brought
/// it, so that its pieces become one chunk, and while the call is paused. The session bounds that: by the
/// stream's window over HTTP/2, by the block being read over HTTP/1.1.
class DirectCall : public Call
{
public:
    /// Bytes of the reply that become one chunk at most; a longer piece stays as it is.
    static constexpr qsizetype ChunkMax = 64 * 1024;

    void sendBody(QByteArray bytes) final;
    void endBody() final;
    bool isBodyFull() const final { return m_bodyFull; }
    void pause() final { m_paused = true; }
    void resume() final;
    void cancel() final;

    // What follows is for the session.
    // What has come. The sink is told by deliverNext().
    void addHead(http::ResponseHead head);
    void addBytes(std::string_view bytes); ///< copied
    void addBlock(QByteArray bytes);       ///< shared
    /// Ends it: well with Errc::None, else with what went wrong. Nothing is added after it.
    void end(base::Error why = {}, Processed processed = Processed::Maybe);

    // Each may be the call's last moment: the sink may destroy it.
    /// Tells the sink one thing that waits; false if nothing does, or it is paused.
    bool deliverNext();
    void tellLane(bool reused) { m_sink.onLane(reused); }
    void tellSent() { m_sink.onSent(); }
    void tellBodyWanted();

    /// Bytes of the reply that wait.
    qsizetype heldSize() const { return m_held.size(); }
    bool isPaused() const { return m_paused; }
    /// True once end() was called, although the sink may not have heard of it.
    bool isEnding() const { return m_ending.has_value(); }
    bool isBodyEnded() const { return m_bodyEnded; }
    ByteQueue &body() { return m_body; }
    /// True once each time the body has fallen below its low watermark: tellBodyWanted() is due.
    bool takeBodyWanted();

protected:
    /// `sink` is borrowed until the call ends, `protocol` for ever.
    DirectCall(CallSink &sink, bool hasBody, std::string_view protocol)
        : m_sink(sink), m_protocol(protocol), m_bodyEnded(!hasBody)
    {
    }

    // What the protocol makes of it. None of them may tell the sink anything.
    virtual void bodyGiven() = 0;                ///< more of the body, or its end
    virtual void becameDue() = 0;                ///< deliverNext() is wanted, until it returns false
    virtual void delivered(qsizetype bytes) = 0; ///< before each onChunk()
    virtual void leave(bool cancelled) = 0;      ///< the session is to forget this call; once

private:
    struct Ending
    {
        base::Error why;
        Processed processed;
    };

    void noteDue();
    void tellEnd();

    CallSink &m_sink;
    const std::string_view m_protocol;
    ByteQueue m_body;
    std::optional<http::ResponseHead> m_head;
    ByteQueue m_held{ChunkMax};
    std::optional<Ending> m_ending;
    bool m_isDue = false;
    bool m_bodyEnded;
    bool m_bodyFull = false;
    bool m_paused = false;
    bool m_left = false;
};

} // namespace weir::upstream
