// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <nghttp2/nghttp2.h>
#include <QByteArray>
#include <string_view>

// HTTP/2 frames by hand, for what nghttp2 refuses to send: they go onto the socket beside the session.
namespace weir::simulator {

/// Stands for the stream that a reply belongs to until that is known; no caller uses it (RFC 9113 §5.1.1: the
/// largest number there is, after which a connection has to end).
inline constexpr std::uint32_t OwnStream = 0x7FFFFFFF;

/// One frame (RFC 9113 §4.1): type and flags are nghttp2's. `payload` up to 2^24 - 1 bytes.
QByteArray http2Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, const QByteArray &payload);

/// A field as a literal without indexing (RFC 7541 §6.2.2), so that both sides' tables stay as they are.
QByteArray http2Field(std::string_view name, std::string_view value);

/// `frames` (whole ones) with `stream` in place of OwnStream.
QByteArray onStream(QByteArray frames, std::uint32_t stream);

} // namespace weir::simulator
