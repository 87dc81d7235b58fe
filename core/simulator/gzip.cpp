// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/gzip.h"

#include <array>
#include <QtEndian>

namespace weir::simulator {

namespace {

constexpr std::array<std::uint32_t, 256> makeCrcTable()
{
    constexpr std::uint32_t Polynomial = 0xEDB88320U;
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1U) ? (value >> 1U) ^ Polynomial : value >> 1U;
        table[byte] = value;
    }
    return table;
}
constexpr std::array<std::uint32_t, 256> CrcTable = makeCrcTable();

QByteArray littleEndian(std::uint32_t number)
{
    QByteArray bytes(sizeof number, '\0');
    qToLittleEndian(number, bytes.data());
    return bytes;
}

} // namespace

std::uint32_t crc32(const QByteArray &bytes)
{
    std::uint32_t value = ~0U;
    for (const char byte : bytes)
        value = CrcTable[(value ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (value >> 8U);
    return ~value;
}

QByteArray gzip(const QByteArray &bytes)
{
    // Qt writes four bytes of length and then zlib's format (RFC 1950): two bytes, deflate, four of checksum.
    constexpr qsizetype LeadSize = 6;
    constexpr qsizetype TailSize = 4;
    constexpr int Level = 9;
    // Deflate, no flags, no time, unknown system.
    const auto head = QByteArrayLiteral("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff");
    QByteArray deflated = QByteArrayLiteral("\x03\x00"); // of nothing, of which Qt makes no stream
    if (!bytes.isEmpty()) {
        const QByteArray packed = qCompress(bytes, Level);
        deflated = packed.mid(LeadSize, packed.size() - LeadSize - TailSize);
    }
    return head + deflated + littleEndian(crc32(bytes)) + littleEndian(std::uint32_t(bytes.size()));
}

} // namespace weir::simulator
