// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::load {

/// Finds where HTTP/1.1 replies end (RFC 9112), reading as little of them as that takes: what the generator
/// costs must not show in what it measures. Strict where two readings are possible, because a peer that
/// frames wrongly shall fail and not be counted. Allocates only when a head comes in pieces.
class ReplyScanner
{
public:
    /// Of one head or trailer section; a longer one is malformed.
    static constexpr std::size_t HeadMax = 64 * 1024;

    /// For the next reply.
    void reset();

    /// Reads on at the front of `input`, which is shortened by what was read, until a piece of the body is
    /// there (returned, framing removed, part of `input`), the reply is over or `input` is empty.
    std::string_view take(std::string_view &input);
    /// The connection has ended. A reply that runs until then is complete now.
    void end();

    bool isComplete() const { return m_state == State::Complete; }
    bool isMalformed() const { return m_state == State::Malformed; }
    bool isOver() const { return isComplete() || isMalformed(); }
    /// Whether any byte of the reply has come.
    bool hasBegun() const { return m_hasBegun; }
    /// 0 until the head is complete.
    int status() const { return m_status; }
    /// Whether the peer will take another request on this connection.
    bool keepsAlive() const { return m_keepsAlive; }

private:
    enum class State : std::uint8_t
    {
        Head,
        Length,     ///< m_left bytes of body
        UntilClose, ///< body without a length
        ChunkSize,
        ChunkExtension,
        ChunkSizeEnd, ///< the LF
        ChunkData,    ///< m_left bytes of it
        ChunkDataEnd, ///< CR
        ChunkDataEndLf,
        TrailerStart, ///< of a line
        TrailerLine,
        TrailerLineEnd, ///< the LF of a line
        TrailerEnd,     ///< the LF of the empty line
        Complete,
        Malformed,
    };
    struct Framing
    {
        bool hasLength = false;
        bool isChunked = false;
        std::uint64_t length = 0;
    };

    void takeHead(std::string_view &input);
    bool readHead(std::string_view head);
    bool readStatusLine(std::string_view line);
    bool readField(std::string_view line, Framing &framing);
    bool decideBody(const Framing &framing);
    void takeChunkByte(char byte);
    void takeSizeDigit(char byte);
    void takeTrailerByte(char byte);
    std::string_view takeBody(std::string_view &input, State whenDone);

    State m_state = State::Head;
    bool m_hasBegun = false;
    bool m_keepsAlive = true;
    int m_status = 0;
    int m_sizeDigits = 0;
    std::uint64_t m_left = 0;
    std::size_t m_trailerSize = 0;
    std::string m_head; ///< what came of a head that is not complete yet
};

} // namespace weir::load
