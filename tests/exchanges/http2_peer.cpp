// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/http2_peer.h"

#include <algorithm>
#include <cstring>

namespace weir::exchanges {

namespace {

QByteArray bytesOf(const std::uint8_t *at, std::size_t size)
{
    return {reinterpret_cast<const char *>(at), qsizetype(size)};
}

/// nghttp2 copies them, in lower case; its type is not const for historical reasons.
std::vector<nghttp2_nv> namesAndValues(const Fields &fields)
{
    const auto bytes = [](const QByteArray &text) {
        return reinterpret_cast<std::uint8_t *>(const_cast<char *>(text.constData()));
    };
    std::vector<nghttp2_nv> all;
    for (const auto &[name, value] : fields)
        all.push_back({bytes(name), bytes(value), std::size_t(name.size()), std::size_t(value.size()),
                       NGHTTP2_NV_FLAG_NONE});
    return all;
}

} // namespace

struct Http2Peer::Callbacks
{
    static Http2Peer &self(void *userData) { return *static_cast<Http2Peer *>(userData); }

    static Arrival *find(void *userData, std::int32_t id)
    {
        const auto &streams = self(userData).m_streams;
        const auto at = streams.find(id);
        return at == streams.end() ? nullptr : at->second.arrival;
    }

    static int header(nghttp2_session *, const nghttp2_frame *frame, const std::uint8_t *name,
                      std::size_t nameSize, const std::uint8_t *value, std::size_t valueSize, std::uint8_t,
                      void *userData)
    {
        Stream &stream = self(userData).m_streams[frame->hd.stream_id];
        const bool isHead = frame->headers.cat == NGHTTP2_HCAT_REQUEST;
        (isHead ? stream.head : stream.arrival->request.trailers)
            .emplace_back(bytesOf(name, nameSize), bytesOf(value, valueSize));
        return 0;
    }

    static int frameReceived(nghttp2_session *, const nghttp2_frame *frame, void *userData)
    {
        if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
            self(userData).takeHead(frame->hd.stream_id);
        const bool isOfMessage = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
        Arrival *arrival = isOfMessage ? find(userData, frame->hd.stream_id) : nullptr;
        if (arrival && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
            arrival->request.isWhole = true;
        return 0;
    }

    static int data(nghttp2_session *, std::uint8_t, std::int32_t id, const std::uint8_t *bytes,
                    std::size_t size, void *userData)
    {
        if (Arrival *arrival = find(userData, id))
            arrival->request.body += bytesOf(bytes, size);
        return 0;
    }

    static int closed(nghttp2_session *, std::int32_t id, std::uint32_t code, void *userData)
    {
        if (Arrival *arrival = find(userData, id)) {
            arrival->isCancelled = code != NGHTTP2_NO_ERROR;
            arrival->request.isCut = !arrival->request.isWhole;
        }
        self(userData).m_streams.erase(id);
        return 0;
    }
};

Http2Peer::Http2Peer(QTcpSocket &socket, std::vector<std::unique_ptr<Arrival>> &arrivals)
    : PeerConnection(socket, arrivals)
{
    nghttp2_session_callbacks *callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frameReceived);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::closed);
    nghttp2_session *session = nullptr;
    nghttp2_session_server_new(&session, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    m_session.reset(session);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
    flush();
}

void Http2Peer::takeHead(std::int32_t id)
{
    Stream &stream = m_streams[id];
    QByteArray method;
    QByteArray target;
    stream.arrival = &arrive();
    stream.arrival->stream = id;
    Message &request = stream.arrival->request;
    for (const auto &[name, value] : stream.head) {
        if (name == ":method")
            method = value;
        else if (name == ":path")
            target = value;
        else if (name == ":authority")
            request.fields.emplace_back("host", value);
        else if (!name.startsWith(':'))
            request.fields.emplace_back(name, value);
    }
    request.start = method + ' ' + target;
}

void Http2Peer::read()
{
    const QByteArray bytes = m_socket.readAll();
    const ssize_t used =
        nghttp2_session_mem_recv(m_session.get(), reinterpret_cast<const std::uint8_t *>(bytes.constData()),
                                 std::size_t(bytes.size()));
    if (used < 0)
        nghttp2_session_terminate_session(m_session.get(), NGHTTP2_PROTOCOL_ERROR);
    flush();
}

void Http2Peer::onClosed()
{
    for (const auto &[id, stream] : m_streams) {
        if (!stream.arrival)
            continue; // of its head a part has come
        stream.arrival->isCancelled = true;
        stream.arrival->request.isCut = !stream.arrival->request.isWhole;
    }
    m_streams.clear();
}

void Http2Peer::sendHead(Arrival &to, const AnswerHead &head, bool hasBody)
{
    constexpr int FinalMin = 200;
    Fields fields{{":status", QByteArray::number(head.status)}};
    fields.insert(fields.end(), head.fields.begin(), head.fields.end());
    const std::vector<nghttp2_nv> sent = namesAndValues(fields);
    nghttp2_data_provider body{};
    body.source.ptr = this;
    body.read_callback = [](nghttp2_session *, std::int32_t id, std::uint8_t *at, std::size_t size,
                            std::uint32_t *flags, nghttp2_data_source *source, void *) {
        return static_cast<Http2Peer *>(source->ptr)->readPiece(id, at, size, flags);
    };
    if (head.status < FinalMin)
        nghttp2_submit_headers(m_session.get(), NGHTTP2_FLAG_NONE, to.stream, nullptr, sent.data(),
                               sent.size(), nullptr);
    else
        nghttp2_submit_response(m_session.get(), to.stream, sent.data(), sent.size(),
                                hasBody ? &body : nullptr);
}

void Http2Peer::sendBody(Arrival &to, const QByteArray &piece)
{
    const auto at = m_streams.find(to.stream);
    if (at == m_streams.end())
        return; // Weir has given it up
    at->second.pieces.push_back(piece);
    nghttp2_session_resume_data(m_session.get(), to.stream);
}

void Http2Peer::end(Arrival &to, const Fields &trailers)
{
    const auto at = m_streams.find(to.stream);
    if (at == m_streams.end())
        return;
    at->second.hasEnded = true;
    at->second.trailers = trailers;
    nghttp2_session_resume_data(m_session.get(), to.stream);
}

ssize_t Http2Peer::readPiece(std::int32_t id, std::uint8_t *to, std::size_t size, std::uint32_t *flags)
{
    Stream &stream = m_streams[id];
    ssize_t copied = 0;
    if (!stream.pieces.empty()) {
        QByteArray &piece = stream.pieces.front();
        copied = std::min(piece.size(), qsizetype(size));
        std::memcpy(to, piece.constData(), std::size_t(copied));
        piece.remove(0, copied);
        if (piece.isEmpty())
            stream.pieces.pop_front();
    } else if (!stream.hasEnded) {
        return NGHTTP2_ERR_DEFERRED;
    }
    if (stream.hasEnded && stream.pieces.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (!stream.trailers.empty()) {
            *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            const std::vector<nghttp2_nv> sent = namesAndValues(stream.trailers);
            nghttp2_submit_trailer(m_session.get(), id, sent.data(), sent.size());
        }
    }
    return copied;
}

void Http2Peer::resetStream(Arrival &to, std::uint32_t code)
{
    nghttp2_submit_rst_stream(m_session.get(), NGHTTP2_FLAG_NONE, to.stream, code);
    flush();
}

void Http2Peer::goAway(std::uint32_t code, int requestsProcessed)
{
    const std::int32_t last =
        requestsProcessed == 0 ? 0 : 2 * requestsProcessed - 1; // clients' numbers are odd
    nghttp2_submit_goaway(m_session.get(), NGHTTP2_FLAG_NONE, last, code, nullptr, 0);
    flush();
}

void Http2Peer::flush()
{
    const std::uint8_t *bytes = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(m_session.get(), &bytes)) > 0;)
        m_out.append(reinterpret_cast<const char *>(bytes), size);
    PeerConnection::flush();
    if (!nghttp2_session_want_read(m_session.get()) && !nghttp2_session_want_write(m_session.get()))
        close();
}

} // namespace weir::exchanges
