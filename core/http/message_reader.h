// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "http/body_events.h"
#include "http/head_scanner.h"
#include <cstdint>
#include <limits>
#include <llhttp.h>
#include <string>
#include <string_view>

namespace weir::http {

/// What requests and replies have in common: bytes for llhttp, and from the end of the head on where the body
/// ends (RFC 9112 §6, §7.1): its chunks, what may stand between them, trailers. For RequestParser and
/// ResponseParser, which read the heads.
class MessageReader
{
protected:
    enum class Phase
    {
        Head,
        Body,
        Trailers,
        Complete,
        Failed
    };
    /// Of what is the padding counted that ChunkPaddingMax bounds?
    enum class PaddingOf
    {
        TheWholeBody, ///< without what plain chunks need
        EachGap,      ///< between two pieces: a reply without an end may have a little of it again and again
    };

    /// Nothing bounds the body.
    static constexpr std::int64_t NoBodyMax = std::numeric_limits<std::int64_t>::max();

    /// `settings` have been through addBodyTo(); they and `events` are borrowed. `broken` is the code of what
    /// breaks the grammar.
    MessageReader(llhttp_type_t type, const llhttp_settings_t &settings, BodyEvents &events,
                  base::Errc broken, std::int64_t bodyMax, PaddingOf padding)
        : m_type(type)
        , m_settings(settings)
        , m_events(events)
        , m_broken(broken)
        , m_bodyMax(bodyMax)
        , m_padding(padding)
    {
    }
    ~MessageReader() = default;
    MessageReader(const MessageReader &) = delete;
    MessageReader &operator=(const MessageReader &) = delete;

    /// Callbacks of llhttp for all that follows a head; its own data is the MessageReader.
    static void addBodyTo(llhttp_settings_t &settings);

    /// Makes ready for a message, at its head.
    void startMessage(const HeadScanner &head);
    /// Bytes for llhttp, up to where the phase changes; returns how many those are.
    base::Result<std::size_t> execute(std::string_view data);
    /// In the phases Body and Trailers, up to the end of the message.
    base::Result<std::size_t> feedBody(std::string_view data);
    base::Unexpected fail(base::Error why);
    base::Unexpected broken(std::string why) const { return base::unexpected(m_broken, std::move(why)); }

    Phase phase = Phase::Complete;
    HeadScanner scanner; ///< of the head, then of the trailers
    llhttp_t parser;
    base::Error error; ///< why a callback stopped llhttp, or why it has failed for good

private:
    bool announceChunk(std::uint64_t size);
    bool takePiece(const char *at, std::size_t size);
    bool isPaddingTooLong(std::size_t gap);

    static MessageReader &of(llhttp_t *parser) { return *static_cast<MessageReader *>(parser->data); }

    const llhttp_type_t m_type;
    const llhttp_settings_t &m_settings;
    BodyEvents &m_events;
    const base::Errc m_broken;
    const std::int64_t m_bodyMax;
    const PaddingOf m_padding;
    std::int64_t m_announced = 0;   // bytes of all chunks
    const char *m_unseen = nullptr; // end of the last body byte in the data being fed, or its beginning
    std::size_t m_gapSize = 0;      // bytes since the last body byte
    std::size_t m_paddingSize = 0;  // of the gaps before
};

} // namespace weir::http
