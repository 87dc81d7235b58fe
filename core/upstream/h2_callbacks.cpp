// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/h2_callbacks.h"

namespace weir::upstream {

namespace {

std::string_view view(const std::uint8_t *bytes, std::size_t size)
{
    return {reinterpret_cast<const char *>(bytes), size};
}

} // namespace

ssize_t H2Session::Callbacks::readBody(nghttp2_session *, std::int32_t id, std::uint8_t *to,
                                       std::size_t sizeMax, std::uint32_t *flags, nghttp2_data_source *,
                                       void *userData)
{
    return static_cast<H2Session *>(userData)->bodyWanted(id, to, sizeMax, flags);
}

nghttp2_session *H2Session::Callbacks::makeSession(H2Session &session)
{
    nghttp2_session_callbacks *table = nullptr;
    nghttp2_session_callbacks_new(&table);
    nghttp2_session_callbacks_set_on_begin_frame_callback(
        table, [](nghttp2_session *, const nghttp2_frame_hd *frame, void *user) {
            return static_cast<H2Session *>(user)->frameBegan(*frame) ? 0 : int(NGHTTP2_ERR_CALLBACK_FAILURE);
        });
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        table, [](nghttp2_session *, const nghttp2_frame *frame, void *user) {
            static_cast<H2Session *>(user)->headersBegan(frame->hd.stream_id);
            return 0;
        });
    nghttp2_session_callbacks_set_on_header_callback(
        table,
        [](nghttp2_session *, const nghttp2_frame *frame, const std::uint8_t *name, std::size_t nameSize,
           const std::uint8_t *value, std::size_t valueSize, std::uint8_t, void *user) {
            const bool goesOn = static_cast<H2Session *>(user)->fieldCame(
                frame->hd.stream_id, view(name, nameSize), view(value, valueSize));
            return goesOn ? 0 : int(NGHTTP2_ERR_CALLBACK_FAILURE);
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        table, [](nghttp2_session *, std::uint8_t, std::int32_t id, const std::uint8_t *bytes,
                  std::size_t size, void *user) {
            static_cast<H2Session *>(user)->dataCame(id, reinterpret_cast<const char *>(bytes), size);
            return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        table, [](nghttp2_session *, const nghttp2_frame *frame, void *user) {
            static_cast<H2Session *>(user)->frameCame(*frame);
            return 0;
        });
    nghttp2_session_callbacks_set_on_frame_send_callback(
        table, [](nghttp2_session *, const nghttp2_frame *frame, void *user) {
            static_cast<H2Session *>(user)->frameSent(*frame);
            return 0;
        });
    nghttp2_session_callbacks_set_on_frame_not_send_callback(
        table, [](nghttp2_session *, const nghttp2_frame *frame, int, void *user) {
            if (frame->hd.type == NGHTTP2_HEADERS)
                static_cast<H2Session *>(user)->requestNotSent(frame->hd.stream_id);
            return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        table, [](nghttp2_session *, std::int32_t id, std::uint32_t code, void *user) {
            static_cast<H2Session *>(user)->streamClosed(id, code);
            return 0;
        });

    nghttp2_option *options = nullptr;
    nghttp2_option_new(&options);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_option_set_no_closed_streams(options, 1);
    nghttp2_option_set_max_reserved_remote_streams(options, 0); // nothing may be pushed
    nghttp2_session *made = nullptr;
    nghttp2_session_client_new2(&made, table, &session, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(table);
    return made;
}

} // namespace weir::upstream
