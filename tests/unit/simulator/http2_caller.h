// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstring>
#include <nghttp2/nghttp2.h>
#include <QByteArray>
#include <QHash>
#include <QHostAddress>
#include <QTcpSocket>
#include <utility>
#include <vector>

namespace weir::simulator {

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
    explicit Http2Caller(quint16 port)
    {
        nghttp2_session_callbacks *callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onData);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onClose);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrame);
        nghttp2_option *option = nullptr;
        nghttp2_option_new(&option);
        nghttp2_option_set_no_http_messaging(option, 1); // faulty heads are to be seen, not refused
        nghttp2_session_client_new2(&session, callbacks, this, option);
        nghttp2_option_del(option);
        nghttp2_session_callbacks_del(callbacks);
        nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this] { receive(); });
        QObject::connect(&socket, &QTcpSocket::disconnected, &socket, [this] { closed = true; });
        socket.connectToHost(QHostAddress::LocalHost, port);
    }
    ~Http2Caller() { nghttp2_session_del(session); }

    std::int32_t request(const QByteArray &target, const QByteArray &body)
    {
        const std::array<std::pair<QByteArray, QByteArray>, 5> head{{{":method", "POST"},
                                                                     {":scheme", "http"},
                                                                     {":path", target},
                                                                     {":authority", "localhost"},
                                                                     {"x-api-key", "k"}}};
        std::vector<nghttp2_nv> fields;
        for (const auto &[name, value] : head)
            fields.push_back({bytesOf(name), bytesOf(value), std::size_t(name.size()),
                              std::size_t(value.size()), NGHTTP2_NV_FLAG_NONE});
        nghttp2_data_provider provider{};
        provider.source.ptr = new QByteArray(body);
        provider.read_callback = [](nghttp2_session *, std::int32_t, std::uint8_t *to, std::size_t size,
                                    std::uint32_t *flags, nghttp2_data_source *source, void *) -> ssize_t {
            auto *left = static_cast<QByteArray *>(source->ptr);
            const auto part = std::min(qsizetype(size), left->size());
            std::memcpy(to, left->constData(), std::size_t(part));
            left->remove(0, part);
            if (left->isEmpty()) {
                *flags |= NGHTTP2_DATA_FLAG_EOF;
                delete left;
            }
            return part;
        };
        const std::int32_t id =
            nghttp2_submit_request(session, nullptr, fields.data(), fields.size(), &provider, nullptr);
        send();
        return id;
    }

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

} // namespace weir::simulator
