// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "simulator/http2_connection.h"
#include "simulator/http2_frames.h"
#include <QList>
#include <QtEndian>

// A caller of HTTP/2 without nghttp2, which would end the connection at the first frame that is not allowed.
namespace weir::simulator {

struct SeenFrame
{
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    QByteArray payload;
};

/// The whole frames at the beginning of `bytes`.
inline QList<SeenFrame> framesIn(const QByteArray &bytes)
{
    constexpr qsizetype HeadSize = 9;
    QList<SeenFrame> frames;
    for (qsizetype at = 0; at + HeadSize <= bytes.size();) {
        const char *head = bytes.constData() + at;
        const auto size = qsizetype(qFromBigEndian<std::uint32_t>(head) >> 8U);
        if (at + HeadSize + size > bytes.size())
            break;
        frames.append({std::uint8_t(head[3]), std::uint8_t(head[4]), qFromBigEndian<std::uint32_t>(head + 5),
                       bytes.mid(at + HeadSize, size)});
        at += HeadSize + size;
    }
    return frames;
}

/// Preface, SETTINGS and a message on stream 1.
inline QByteArray requestFrames(const QByteArray &model, bool stream)
{
    const QByteArray body = R"({"model":")" + model + R"(","stream":)" + (stream ? "true" : "false") + "}";
    return QByteArray(Http2Preface.data(), qsizetype(Http2Preface.size())) +
           http2Frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_NONE, 0, {}) +
           http2Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1,
                      http2Field(":method", "POST") + http2Field(":scheme", "http") +
                          http2Field(":path", "/v1/messages") + http2Field(":authority", "localhost")) +
           http2Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, body);
}

} // namespace weir::simulator
