// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/message_reader.h"

#include "http/limits.h"
#include <algorithm>
#include <string>

namespace weir::http {

using base::Errc;
using base::Error;

namespace {

/// Bytes between two pieces of a body that a plain chunk needs: two line ends and 16 digits, or the last
/// chunk after it.
constexpr std::size_t GapFree = 32;

} // namespace

void MessageReader::addBodyTo(llhttp_settings_t &settings)
{
    settings.on_chunk_header = [](llhttp_t *p) {
        MessageReader &reader = of(p);
        if (p->content_length == 0) {
            reader.phase = Phase::Trailers;
            reader.scanner = HeadScanner::forTrailers();
            return int(HPE_PAUSED); // what follows is scanned first
        }
        return reader.announceChunk(p->content_length) ? 0 : -1;
    };
    settings.on_body = [](llhttp_t *p, const char *at, size_t size) {
        return of(p).takePiece(at, size) ? 0 : -1;
    };
    settings.on_message_complete = [](llhttp_t *p) {
        of(p).phase = Phase::Complete;
        return int(HPE_PAUSED); // what follows is another message
    };
}

void MessageReader::startMessage(const HeadScanner &head)
{
    llhttp_init(&parser, m_type, &m_settings);
    parser.data = this;
    phase = Phase::Head;
    scanner = head;
    m_announced = 0;
    m_gapSize = 0;
    m_paddingSize = 0;
}

base::Unexpected MessageReader::fail(Error why)
{
    phase = Phase::Failed;
    error = std::move(why);
    return base::Unexpected{error};
}

bool MessageReader::announceChunk(std::uint64_t size)
{
    if (size <= std::uint64_t(m_bodyMax - m_announced)) {
        m_announced += std::int64_t(size);
        return true;
    }
    if (size > std::uint64_t(NoBodyMax) || m_bodyMax == NoBodyMax)
        error = {m_broken, "no chunk is this long"};
    else
        error = {Errc::BodyTooLarge, std::to_string(m_bodyMax) + " bytes"};
    return false;
}

bool MessageReader::takePiece(const char *at, std::size_t size)
{
    const std::size_t gap = m_gapSize + std::size_t(at - m_unseen);
    if (isPaddingTooLong(gap))
        return false;
    if (m_padding == PaddingOf::TheWholeBody)
        m_paddingSize += gap - std::min(gap, GapFree);
    m_gapSize = 0;
    m_unseen = at + size;
    m_events.onBody({at, size});
    return true;
}

/// Extensions, zeros before a chunk's size and trailers carry nothing, so only little of them is read.
bool MessageReader::isPaddingTooLong(std::size_t gap)
{
    const std::size_t free = m_padding == PaddingOf::TheWholeBody ? std::min(gap, GapFree) : 0;
    if (m_paddingSize + gap - free <= ChunkPaddingMax)
        return false;
    error = {m_broken, "chunk sizes, extensions and trailers are too long"};
    return true;
}

base::Result<std::size_t> MessageReader::feedBody(std::string_view data)
{
    m_unseen = data.data();
    std::size_t used = 0;
    while (used < data.size() && (phase == Phase::Body || phase == Phase::Trailers)) {
        std::string_view part = data.substr(used);
        if (phase == Phase::Trailers) {
            const auto scanned = scanner.scan(part);
            if (!scanned)
                return fail({m_broken, scanned.error().detail});
            part = part.substr(0, *scanned);
        }
        const auto executed = execute(part);
        if (!executed)
            return fail(executed.error());
        used += *executed;
    }
    m_gapSize += std::size_t(data.data() + used - m_unseen);
    if (isPaddingTooLong(m_gapSize))
        return fail(error);
    if (phase == Phase::Complete)
        m_events.onEnd();
    return used;
}

base::Result<std::size_t> MessageReader::execute(std::string_view data)
{
    error = {};
    const llhttp_errno_t code = llhttp_execute(&parser, data.data(), data.size());
    if (code == HPE_OK)
        return data.size();
    // An Upgrade that nobody asked us to understand is a message like any other.
    const bool isPaused = code == HPE_PAUSED || code == HPE_PAUSED_UPGRADE;
    if (isPaused && (phase == Phase::Complete || phase == Phase::Trailers)) {
        const char *const stop = llhttp_get_error_pos(&parser);
        llhttp_resume(&parser);
        return std::size_t(stop - data.data());
    }
    if (error.code != Errc::None)
        return base::Unexpected{error};
    const char *reason = llhttp_get_error_reason(&parser);
    return broken(reason ? reason : llhttp_errno_name(code));
}

} // namespace weir::http
