// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <nghttp2/nghttp2.h>
#include <QByteArray>
#include <QHash>
#include <QHostAddress>
#include <QTcpSocket>
#include <utility>
#include <vector>

namespace weir::test {

/// What a caller sees of a stream.
struct Seen
{
    QByteArray fields; ///< "name=value;…" of the head
    QByteArray body;
    bool isClosed = false;
    std::uint32_t code = 0; ///< of the close
};

/// A caller with prior knowledge, made with nghttp2 so that every frame can be looked at.
class Http2Caller
{
public:
    explicit Http2Caller(quint16 port);
    ~Http2Caller() { nghttp2_session_del(session); }

    std::int32_t request(const QByteArray &target, const QByteArray &body);

    std::int32_t message(const QByteArray &model, bool stream)
    {
        return request("/v1/messages",
                       R"({"model":")" + model + R"(","stream":)" + (stream ? "true" : "false") + "}");
    }

    void cancel(std::int32_t id)
    {
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        send();
    }

    QByteArray output()
    {
        QByteArray out;
        const std::uint8_t *data = nullptr;
        for (ssize_t size = 0; (size = nghttp2_session_mem_send(session, &data)) > 0;)
            out.append(reinterpret_cast<const char *>(data), size);
        return out;
    }

    void send()
    {
        socket.write(output());
        socket.flush();
    }

    QTcpSocket socket;
    nghttp2_session *session = nullptr;
    QHash<std::int32_t, Seen> streams;
    bool closed = false;
    int goAways = 0;
    std::uint32_t goAwayCode = 0;
    std::int32_t goAwayLastId = -1;

private:
    /// nghttp2 does not write to them, but its type says so.
    static std::uint8_t *bytesOf(const QByteArray &text)
    {
        return reinterpret_cast<std::uint8_t *>(const_cast<char *>(text.constData()));
    }
    void receive()
    {
        const QByteArray bytes = socket.readAll();
        nghttp2_session_mem_recv(session, reinterpret_cast<const std::uint8_t *>(bytes.constData()),
                                 std::size_t(bytes.size()));
        send();
    }
    static Http2Caller &self(void *userData) { return *static_cast<Http2Caller *>(userData); }
    static int onHeader(nghttp2_session *, const nghttp2_frame *frame, const std::uint8_t *name,
                        std::size_t nameSize, const std::uint8_t *value, std::size_t valueSize, std::uint8_t,
                        void *userData)
    {
        QByteArray &fields = self(userData).streams[frame->hd.stream_id].fields;
        fields.append(reinterpret_cast<const char *>(name), qsizetype(nameSize)).append('=');
        fields.append(reinterpret_cast<const char *>(value), qsizetype(valueSize)).append(';');
        return 0;
    }
    static int onData(nghttp2_session *, std::uint8_t, std::int32_t id, const std::uint8_t *data,
                      std::size_t size, void *userData)
    {
        self(userData).streams[id].body.append(reinterpret_cast<const char *>(data), qsizetype(size));
        return 0;
    }
    static int onClose(nghttp2_session *, std::int32_t id, std::uint32_t code, void *userData)
    {
        self(userData).streams[id].isClosed = true;
        self(userData).streams[id].code = code;
        return 0;
    }
    static int onFrame(nghttp2_session *, const nghttp2_frame *frame, void *userData)
    {
        if (frame->hd.type == NGHTTP2_GOAWAY) {
            ++self(userData).goAways;
            self(userData).goAwayCode = frame->goaway.error_code;
            self(userData).goAwayLastId = frame->goaway.last_stream_id;
        }
        return 0;
    }
};

} // namespace weir::test
