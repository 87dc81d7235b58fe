// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/body_bytes.h"

namespace weir::llm {

QByteArray sliceOf(const QByteArray &whole, std::size_t offset, std::size_t size)
{
    Q_ASSERT(offset + size <= std::size_t(whole.size()));
    // A byte array may begin inside its memory (Qt leaves room at the front of some); so may this one.
    QByteArray part = whole;
    part.data_ptr().setBegin(part.data_ptr().begin() + offset);
    part.data_ptr().size = qsizetype(size);
    return part;
}

QByteArray joined(std::vector<QByteArray> pieces)
{
    if (pieces.size() == 1)
        return std::move(pieces.front());
    qsizetype size = 0;
    for (const QByteArray &piece : pieces)
        size += piece.size();
    QByteArray whole;
    whole.reserve(size);
    for (QByteArray &piece : pieces) {
        whole.append(piece);
        piece = QByteArray(); // as it goes, or a large body would be there twice
    }
    return whole;
}

} // namespace weir::llm
