// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/http2_frames.h"

#include <QtEndian>

namespace weir::simulator {

namespace {

constexpr qsizetype FrameHeadSize = 9;
constexpr qsizetype StreamAt = 5;

/// An integer with a prefix of seven bits (RFC 7541 §5.1), the bit before it being 0.
void appendInteger(QByteArray &out, std::size_t number)
{
    constexpr std::size_t PrefixMax = 127;
    constexpr std::size_t More = 128;
    if (number < PrefixMax) {
        out.append(char(number));
        return;
    }
    out.append(char(PrefixMax));
    for (number -= PrefixMax; number >= More; number /= More)
        out.append(char(number % More + More));
    out.append(char(number));
}

void appendText(QByteArray &out, std::string_view text)
{
    appendInteger(out, text.size());
    out.append(text.data(), qsizetype(text.size()));
}

} // namespace

QByteArray http2Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, const QByteArray &payload)
{
    constexpr int LengthShift = 8; // three bytes of length, then the type
    QByteArray out(FrameHeadSize, '\0');
    qToBigEndian(std::uint32_t(payload.size()) << LengthShift | type, out.data());
    out[StreamAt - 1] = char(flags);
    qToBigEndian(stream, out.data() + StreamAt);
    return out + payload;
}

QByteArray http2Field(std::string_view name, std::string_view value)
{
    QByteArray out(1, '\0'); // literal without indexing, new name
    appendText(out, name);
    appendText(out, value);
    return out;
}

QByteArray onStream(QByteArray frames, std::uint32_t stream)
{
    constexpr int TypeBits = 8;
    char *bytes = frames.data();
    for (qsizetype at = 0; at < frames.size();) {
        if (qFromBigEndian<std::uint32_t>(bytes + at + StreamAt) == OwnStream)
            qToBigEndian(stream, bytes + at + StreamAt);
        at += FrameHeadSize + qsizetype(qFromBigEndian<std::uint32_t>(bytes + at) >> TypeBits);
    }
    return frames;
}

} // namespace weir::simulator
