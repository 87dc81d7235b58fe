// SPDX-License-Identifier: GPL-3.0-or-later
// What H2Session makes of what nghttp2 tells it. No sink is told from here: a call keeps what has come until
// nghttp2 is done with the block.
#include "http/limits.h"
#include "http/response_parser.h"
#include "upstream/h2_call.h"
#include "upstream/h2_session.h"
#include <algorithm>
#include <charconv>

namespace weir::upstream {

using base::Errc;
using base::Error;

namespace {

/// -1 if it is not a number of this many digits at most.
std::int64_t parseNumber(std::string_view text, std::size_t digitsMax)
{
    std::int64_t number = -1;
    const bool isNumber = !text.empty() && text.size() <= digitsMax &&
                          std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (isNumber)
        std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string nameOf(std::uint32_t code)
{
    return nghttp2_http2_strerror(code);
}

} // namespace

bool H2Session::frameBegan(const nghttp2_frame_hd &frame)
{
    budget().countPiece();
    if (frame.type == NGHTTP2_DATA && frame.length > 0)
        return true; // its bytes are paid for with the window, also those of a stream that was cancelled
    if (++m_barrenFrames <= BarrenFramesMax)
        return true;
    const base::Instant now = m_clock.now();
    if (now - m_barrenSince > BarrenTime) {
        m_barrenSince = now;
        m_barrenFrames = 0;
        return true;
    }
    m_faultSeen = "a flood of frames that carry nothing";
    return false;
}

void H2Session::headersBegan(std::int32_t id)
{
    m_blockSize = 0;
    H2Call *call = find(id);
    if (!call || call->headDone)
        return;
    call->head = {};
    call->fieldCount = 0;
}

bool H2Session::fieldCame(std::int32_t id, std::string_view name, std::string_view value)
{
    constexpr std::size_t FieldOverhead = 32; // RFC 9113 §6.5.2
    budget().countPiece();
    m_blockSize += name.size() + value.size() + FieldOverhead;
    if (m_blockSize > HeaderBlockMax) {
        m_faultSeen = "a head without end";
        return false;
    }
    H2Call *call = find(id);
    if (!call || call->headDone || call->isEnding()) // trailers are dropped
        return true;
    if (m_blockSize > http::HeadMax || ++call->fieldCount > http::FieldCountMax) {
        closeForCalls(); // the rest of the head may yet end the connection, and what is on it
        reset(id, NGHTTP2_CANCEL);
        call->end(error(Errc::UpstreamProtocol, "the head of the reply is too large"));
        return true;
    }
    if (name == ":status") {
        call->head.status = int(parseNumber(value, 3));
        return true;
    }
    if (!http::isValidFieldName(name) || !http::isValidFieldValue(value) || http::isHopByHop(name))
        return true;
    if (name == "content-length") {
        if (const std::int64_t size = parseNumber(value, 18); size >= 0)
            call->head.contentLength = size;
        return true;
    }
    call->head.headers.add(name, value);
    return true;
}

void H2Session::headEnded(H2Call &call)
{
    const int status = call.head.status;
    if (status >= 100 && status < 200 && ++call.interimCount <= http::InterimMax)
        return;
    call.head.showsItsEnd = true; // by END_STREAM
    if (status < 200 || status > 599) {
        if (call.interimCount > http::InterimMax)
            closeForCalls(); // the rest of them is still on its way, and may end the connection
        reset(call.id, NGHTTP2_CANCEL);
        call.end(error(Errc::UpstreamProtocol, status < 0 ? "no status"
                                               : call.interimCount > http::InterimMax
                                                   ? "too many interim replies"
                                                   : "status " + std::to_string(status)));
        return;
    }
    m_barrenFrames = 0;
    call.headDone = true;
    call.addHead(std::move(call.head));
}

void H2Session::dataCame(std::int32_t id, const char *bytes, std::size_t size)
{
    nghttp2_session_consume_connection(m_session.get(), size);
    H2Call *call = find(id);
    if (!call || call->isEnding() || size == 0)
        return;
    m_barrenFrames = 0;
    if (call->heldSize() + qsizetype(size) > StreamWindow) { // nghttp2 still tells of it
        reset(id, NGHTTP2_FLOW_CONTROL_ERROR);
        call->end(error(Errc::UpstreamProtocol, nameOf(NGHTTP2_FLOW_CONTROL_ERROR)));
        return;
    }
    call->addBytes({bytes, size});
}

void H2Session::frameCame(const nghttp2_frame &frame)
{
    const std::int32_t id = frame.hd.stream_id;
    H2Call *call = find(id);
    switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
        if (call && !call->headDone && !call->isEnding())
            headEnded(*call);
        if (frame.hd.flags & NGHTTP2_FLAG_END_STREAM)
            replyEnded(id);
        break;
    case NGHTTP2_DATA:
        if (frame.hd.flags & NGHTTP2_FLAG_END_STREAM)
            replyEnded(id);
        break;
    case NGHTTP2_RST_STREAM:
        if (call && !call->isEnding()) {
            ++m_resets;
            call->resetCode = frame.rst_stream.error_code;
        }
        if (frame.rst_stream.error_code == NGHTTP2_ENHANCE_YOUR_CALM)
            noteCalm();
        break;
    case NGHTTP2_GOAWAY:
        // nghttp2 closes the streams that the upstream leaves out; the others may end.
        ++m_goAways;
        closeForCalls();
        if (frame.goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM) {
            m_goneForCalm = true;
            noteCalm();
        }
        break;
    case NGHTTP2_SETTINGS:
        if (!(frame.hd.flags & NGHTTP2_FLAG_ACK))
            m_slots = int(std::min<std::uint32_t>(
                SlotsMax, nghttp2_session_get_remote_settings(m_session.get(),
                                                              NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)));
        break;
    case NGHTTP2_PING:
        if ((frame.hd.flags & NGHTTP2_FLAG_ACK) && m_pingTimer.isActive()) {
            m_pingTimer.stop();
            m_roundTrip = m_clock.now() - m_pingSent;
        }
        break;
    default:
        break;
    }
}

void H2Session::replyEnded(std::int32_t id)
{
    H2Call *call = find(id);
    if (!call || !call->headDone || call->isEnding())
        return;
    if (!call->requestSent) // answered before it was all asked: the rest interests nobody
        reset(id, NGHTTP2_CANCEL);
    call->end();
}

void H2Session::frameSent(const nghttp2_frame &frame)
{
    switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
        m_barrenFrames = 0; // what comes now may answer it
        if (H2Call *call = find(frame.hd.stream_id)) {
            call->headersSent = true;
            if (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) {
                call->requestSent = true;
                m_sent.push_back(call->id);
            }
        }
        break;
    case NGHTTP2_GOAWAY: // nghttp2's answer to what must not be
        if (frame.goaway.error_code != NGHTTP2_NO_ERROR)
            fail(Errc::UpstreamProtocol, nameOf(frame.goaway.error_code));
        break;
    default:
        break;
    }
}

void H2Session::requestNotSent(std::int32_t id)
{
    if (H2Call *call = find(id))
        call->end(error(Errc::UpstreamClosed, "it takes no more requests on this connection"), Processed::No);
}

ssize_t H2Session::bodyWanted(std::int32_t id, std::uint8_t *to, std::size_t sizeMax, std::uint32_t *flags)
{
    H2Call *call = find(id);
    if (!call)
        return NGHTTP2_ERR_DEFERRED; // cancelled; its RST_STREAM is under way
    const qsizetype size = call->body().read(reinterpret_cast<char *>(to), qsizetype(sizeMax));
    if (call->body().isEmpty() && call->isBodyEnded()) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (size == 0) {
        call->starved = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    if (call->takeBodyWanted())
        m_hungry.push_back(id);
    return size;
}

void H2Session::streamClosed(std::int32_t id, std::uint32_t code)
{
    H2Call *call = find(id);
    if (!call || call->isEnding())
        return;
    // REFUSED_STREAM: by the upstream itself, or because its GOAWAY left the stream out (RFC 9113 §8.7).
    const bool isRefused = code == NGHTTP2_REFUSED_STREAM && !call->headDone;
    const Processed processed = call->headersSent && !isRefused ? Processed::Maybe : Processed::No;
    if (isRefused)
        call->end(
            error(m_goneForCalm ? Errc::UpstreamCalm : Errc::UpstreamClosed, "it did not take the request"),
            processed);
    else if (code == NGHTTP2_NO_ERROR)
        call->end(
            error(call->headDone ? Errc::UpstreamTruncated : Errc::UpstreamClosed, "the stream ended early"),
            processed);
    else if (call->resetCode)
        call->end(error(Errc::UpstreamClosed, "stream reset, " + nameOf(code)), processed);
    else
        call->end(error(Errc::UpstreamProtocol, nameOf(code)), processed);
}

} // namespace weir::upstream
