// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <string_view>
#include <vector>

namespace weir::llm {

/// A part of `whole` that shares its memory and keeps it alive, where QByteArray::mid() would copy. What
/// follows its last byte is the rest of the whole: do not read it as a C string. The part must lie inside.
QByteArray sliceOf(const QByteArray &whole, std::size_t offset, std::size_t size);

/// A body that came in pieces as one: a single piece is shared, several are copied once into memory of the
/// right size. The result is what is to be sent on, too, so that no body is copied a second time.
QByteArray joined(std::vector<QByteArray> pieces);

inline std::string_view viewOf(const QByteArray &bytes)
{
    return {bytes.constData(), std::size_t(bytes.size())};
}

} // namespace weir::llm
