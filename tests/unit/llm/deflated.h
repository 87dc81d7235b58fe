// SPDX-License-Identifier: GPL-3.0-or-later
// Encodes bodies as servers do.
#pragma once
#include <QByteArray>
#include <vector>
#include <zlib.h>

namespace weir::llm {

/// What zlib calls window bits.
inline constexpr int ZlibFormat = 15;
inline constexpr int GzipFormat = 15 + 16;

/// One body of which each part is flushed, so that it can be read as soon as it has come.
inline std::vector<QByteArray> deflatedParts(const std::vector<QByteArray> &parts, int format)
{
    z_stream stream{};
    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY);
    std::vector<QByteArray> encoded;
    for (std::size_t at = 0; at < parts.size(); ++at) {
        QByteArray plain = parts[at];
        QByteArray out(qsizetype(deflateBound(&stream, uLong(plain.size()))) + 64, '\0');
        stream.next_in = reinterpret_cast<Bytef *>(plain.data());
        stream.avail_in = uInt(plain.size());
        stream.next_out = reinterpret_cast<Bytef *>(out.data());
        stream.avail_out = uInt(out.size());
        deflate(&stream, at + 1 == parts.size() ? Z_FINISH : Z_SYNC_FLUSH);
        encoded.push_back(out.left(out.size() - qsizetype(stream.avail_out)));
    }
    deflateEnd(&stream);
    return encoded;
}

inline QByteArray deflated(const QByteArray &plain, int format)
{
    return deflatedParts({plain}, format).front();
}

} // namespace weir::llm
