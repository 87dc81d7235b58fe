// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/http2_caller.h"
#include <array>
#include <cstring>

namespace weir::test {

Http2Caller::Http2Caller(quint16 port)
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

std::int32_t Http2Caller::request(const QByteArray &target, const QByteArray &body)
{
    const std::array<std::pair<QByteArray, QByteArray>, 5> head{{{":method", "POST"},
                                                                 {":scheme", "http"},
                                                                 {":path", target},
                                                                 {":authority", "localhost"},
                                                                 {"x-api-key", "k"}}};
    std::vector<nghttp2_nv> fields;
    for (const auto &[name, value] : head)
        fields.push_back({bytesOf(name), bytesOf(value), std::size_t(name.size()), std::size_t(value.size()),
                          NGHTTP2_NV_FLAG_NONE});
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

} // namespace weir::test
