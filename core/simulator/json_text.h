// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <charconv>
#include <concepts>
#include <QByteArray>
#include <string_view>

namespace weir::simulator {

inline void appendPart(QByteArray &out, std::string_view text)
{
    out.append(text.data(), qsizetype(text.size()));
}

/// A template, so that a literal is not mistaken for a QByteArray.
template<std::same_as<QByteArray> Bytes>
void appendPart(QByteArray &out, const Bytes &text)
{
    out.append(text);
}

template<std::integral Number>
void appendPart(QByteArray &out, Number number)
{
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end - digits.data());
}

/// Texts and numbers one after the other. Replies are written out rather than built as trees, so that their
/// shape can be read here and an answer costs a microsecond.
template<typename... Parts>
QByteArray concat(const Parts &...parts)
{
    constexpr qsizetype UsualSize = 1024;
    QByteArray out;
    out.reserve(UsualSize);
    (appendPart(out, parts), ...);
    return out;
}

} // namespace weir::simulator
