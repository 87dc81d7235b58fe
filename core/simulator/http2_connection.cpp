// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/http2_connection.h"

#include "simulator/http2_stream.h"
#include <algorithm>
#include <array>
#include <QTcpSocket>
#include <utility>

namespace weir::simulator {

namespace {

constexpr std::size_t ReadBlock = 16 * 1024;
/// Bytes of a head that a fault may make; nghttp2's usual bound is 64 KiB.
constexpr std::size_t HeadSizeMax = 4 * 1024 * 1024;
/// Room for request bodies, so that uploads need few round trips.
constexpr std::uint32_t StreamWindow = 1024 * 1024;
constexpr std::int32_t ConnectionWindow = 16 * 1024 * 1024;

std::string_view view(const std::uint8_t *bytes, std::size_t size)
{
    return {reinterpret_cast<const char *>(bytes), size};
}

} // namespace

/// What nghttp2 calls. Each gets the connection as its user data.
struct Http2Connection::Callbacks
{
    static Http2Connection &self(void *userData) { return *static_cast<Http2Connection *>(userData); }

    static Http2Stream *find(void *userData, std::int32_t id)
    {
        const auto &streams = self(userData).m_streams;
        const auto at = streams.find(id);
        return at == streams.end() ? nullptr : at->second;
    }

    static int beginHeaders(nghttp2_session *, const nghttp2_frame *frame, void *userData)
    {
        Http2Connection &connection = self(userData);
        const std::int32_t id = frame->hd.stream_id;
        if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
            connection.m_streams[id] = new Http2Stream(connection, connection.m_service, id);
        return 0;
    }

    static int header(nghttp2_session *, const nghttp2_frame *frame, const std::uint8_t *name,
                      std::size_t nameSize, const std::uint8_t *value, std::size_t valueSize, std::uint8_t,
                      void *userData)
    {
        Http2Stream *stream = find(userData, frame->hd.stream_id);
        if (stream && frame->headers.cat == NGHTTP2_HCAT_REQUEST) // trailers are dropped
            stream->addField(view(name, nameSize), view(value, valueSize));
        return 0;
    }

    static int dataChunk(nghttp2_session *, std::uint8_t, std::int32_t id, const std::uint8_t *data,
                         std::size_t size, void *userData)
    {
        if (Http2Stream *stream = find(userData, id))
            stream->addBody(view(data, size));
        return 0;
    }

    static int frameReceived(nghttp2_session *, const nghttp2_frame *frame, void *userData)
    {
        const bool endsRequest = (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
                                 (frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
        if (Http2Stream *stream = endsRequest ? find(userData, frame->hd.stream_id) : nullptr)
            stream->answer();
        return 0;
    }

    static int streamClosed(nghttp2_session *, std::int32_t id, std::uint32_t, void *userData)
    {
        self(userData).closeStream(id, true);
        return 0;
    }
};

Http2Connection::Http2Connection(QTcpSocket *socket, Service &service, int streamsMax, std::int64_t bodyMax)
    : Connection(socket), m_service(service), m_bodyMax(bodyMax), m_session(nullptr, nghttp2_session_del)
{
    nghttp2_session_callbacks *callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::beginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::dataChunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frameReceived);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::streamClosed);
    nghttp2_session *session = nullptr;
    nghttp2_option *option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_max_send_header_block_length(option, HeadSizeMax);
    nghttp2_session_server_new2(&session, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    m_session.reset(session);

    const std::array<nghttp2_settings_entry, 2> settings{{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, std::uint32_t(std::max(1, streamsMax))},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, StreamWindow},
    }};
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, ConnectionWindow);
}

Http2Connection::~Http2Connection() = default;

void Http2Connection::read()
{
    send(); // SETTINGS come first, whatever the first reply is
    std::array<char, ReadBlock> block;
    while (!isClosing()) {
        const qint64 size = take(block.data(), ReadBlock);
        if (size <= 0)
            break;
        if (m_flooding)
            continue;
        m_isBusy = true;
        const ssize_t used = nghttp2_session_mem_recv(
            session(), reinterpret_cast<const std::uint8_t *>(block.data()), std::size_t(size));
        m_isBusy = false;
        if (used < 0) {
            nghttp2_session_terminate_session(session(), NGHTTP2_PROTOCOL_ERROR);
            m_closesSoon = true;
            break;
        }
    }
    send();
}

void Http2Connection::send()
{
    if (m_isBusy || isClosing())
        return;
    sendReady();
    if (m_flooding) {
        if (const auto at = m_streams.find(m_flooding); at != m_streams.end() && !isFull())
            at->second->exchange().resume();
        return;
    }
    const bool isDone = !nghttp2_session_want_read(session()) && !nghttp2_session_want_write(session());
    if ((m_closesSoon || isDone) && !isClosing())
        closeAfterFlush();
}

void Http2Connection::sendReady()
{
    m_isBusy = true;
    QByteArray out;
    do {
        // Only now all requests that have arrived are known: none of them is refused and answered as well.
        if (std::exchange(m_goesAway, false))
            nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE,
                                  nghttp2_session_get_last_proc_stream_id(session()), NGHTTP2_NO_ERROR,
                                  nullptr, 0);
        out = std::exchange(m_frames, QByteArray());
        out += takeOutput();
        while (carryOutEndings())
            out += takeOutput();
        if (!out.isEmpty())
            writeNow(out);
        // The kernel may take all at once, and does not tell of that if this is called from onWritten().
    } while (!out.isEmpty() && pendingBytes() == 0);
    m_isBusy = false;
}

void Http2Connection::countReply(int goAwayEvery)
{
    ++m_replies;
    if (goAwayEvery > 0 && m_replies % goAwayEvery == 0)
        m_goesAway = true;
}

/// What the session has ready, as far as the caller keeps reading.
QByteArray Http2Connection::takeOutput()
{
    QByteArray out;
    while (!m_flooding && pendingBytes() + out.size() < HighWater) {
        const std::uint8_t *data = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session(), &data);
        if (size <= 0)
            break;
        out.append(reinterpret_cast<const char *>(data), size);
    }
    return out;
}

void Http2Connection::breakOff(Http2Stream &stream)
{
    if (stream.ending() != Ending::Silence)
        m_breaking.push_back(stream.id());
}

bool Http2Connection::carryOutEndings()
{
    const auto breaking = std::exchange(m_breaking, {});
    for (const std::int32_t id : breaking) {
        if (const auto at = m_streams.find(id); at != m_streams.end())
            carryOut(*at->second);
    }
    return !breaking.empty();
}

void Http2Connection::carryOut(Http2Stream &stream)
{
    const std::int32_t id = stream.id();
    const auto sendReset = [&](std::uint32_t code) {
        nghttp2_submit_rst_stream(session(), NGHTTP2_FLAG_NONE, id, code);
    };
    const auto sendGoAway = [&](std::int32_t lastId, std::uint32_t code) {
        nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE, std::max(0, lastId), code, nullptr, 0);
    };
    // Says that this stream was not processed, and nothing of later ones, which have been.
    const auto refuseWithGoAway = [&](std::uint32_t code) {
        constexpr std::int32_t IdStep = 2; // from one caller's stream to the next
        const std::int32_t newest = nghttp2_session_get_last_proc_stream_id(session());
        if (newest > id)
            sendReset(NGHTTP2_REFUSED_STREAM);
        sendGoAway(newest > id ? newest : id - IdStep, code);
    };
    stream.exchange().abandon();
    switch (stream.ending()) {
    case Ending::Regular:
    case Ending::CutShort:
    case Ending::Silence:
        break; // these never come here
    case Ending::Close:
        m_closesSoon = true;
        break;
    case Ending::Reset:
        sendReset(stream.resetCode());
        break;
    case Ending::Refuse:
        sendReset(NGHTTP2_REFUSED_STREAM);
        break;
    case Ending::GoAway:
        sendGoAway(id, NGHTTP2_INTERNAL_ERROR);
        m_closesSoon = true;
        break;
    case Ending::GoAwayRefuse:
        refuseWithGoAway(NGHTTP2_NO_ERROR);
        break;
    case Ending::GoAwayCalm:
        refuseWithGoAway(NGHTTP2_ENHANCE_YOUR_CALM);
        break;
    }
}

/// `cancelled`: unless the reply was sent in full, it was the caller who ended the stream.
void Http2Connection::closeStream(std::int32_t id, bool cancelled)
{
    const auto at = m_streams.find(id);
    if (at == m_streams.end())
        return;
    Http2Stream *stream = at->second;
    m_streams.erase(at);
    if (stream->isSent() && stream->ending() == Ending::Regular)
        stream->exchange().finish();
    else if (cancelled && !stream->isSent())
        stream->exchange().cancel();
    else
        stream->exchange().abandon();
    stream->deleteLater();
}

void Http2Connection::onClosed()
{
    while (!m_streams.empty())
        closeStream(m_streams.begin()->first, !m_closesSoon);
}

} // namespace weir::simulator
