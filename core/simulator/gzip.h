// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <QByteArray>

namespace weir::simulator {

/// `bytes` as one member of a gzip file (RFC 1952), as small as Qt's zlib makes it.
QByteArray gzip(const QByteArray &bytes);

/// CRC-32 of RFC 1952 §8.
std::uint32_t crc32(const QByteArray &bytes);

} // namespace weir::simulator
