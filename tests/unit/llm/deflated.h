// SPDX-License-Identifier: GPL-3.0-or-later
// Encodes bodies as servers do.
#pragma once
#include <brotli/encode.h>
#include <QByteArray>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace weir::llm {

/// What zlib calls window bits.
inline constexpr int RawFormat = -15;
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

inline QByteArray brotliOf(const QByteArray &plain)
{
    std::size_t size = BrotliEncoderMaxCompressedSize(std::size_t(plain.size())) + 16;
    QByteArray out(qsizetype(size), '\0');
    BrotliEncoderCompress(5, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, std::size_t(plain.size()),
                          reinterpret_cast<const std::uint8_t *>(plain.constData()), &size,
                          reinterpret_cast<std::uint8_t *>(out.data()));
    return out.left(qsizetype(size));
}

/// One frame, with a checksum; its size is not told, as of a stream.
inline QByteArray zstdOf(const QByteArray &plain, int windowLog = 0)
{
    ZSTD_CCtx *const encoder = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(encoder, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(encoder, ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(encoder, ZSTD_c_windowLog, windowLog);
    QByteArray out(qsizetype(ZSTD_compressBound(std::size_t(plain.size()))), '\0');
    ZSTD_inBuffer in{plain.constData(), std::size_t(plain.size()), 0};
    ZSTD_outBuffer to{out.data(), std::size_t(out.size()), 0};
    ZSTD_compressStream2(encoder, &to, &in, ZSTD_e_flush); // or it would know the size, and shrink the window
    ZSTD_compressStream2(encoder, &to, &in, ZSTD_e_end);
    ZSTD_freeCCtx(encoder);
    return out.left(qsizetype(to.pos));
}

} // namespace weir::llm
