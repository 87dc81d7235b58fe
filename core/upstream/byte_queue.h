// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cstring>
#include <limits>
#include <QByteArray>
#include <QList>
#include <utility>

namespace weir::upstream {

/// Pieces of a body in the order in which they came. Large ones are shared; small ones are put together, so
/// that a body that comes byte by byte takes little more memory than it has bytes.
class ByteQueue
{
public:
    /// Bytes up to which neighbours become one piece.
    static constexpr qsizetype SmallMax = 4096;

    void append(QByteArray bytes)
    {
        if (bytes.isEmpty())
            return;
        m_size += bytes.size();
        if (!m_pieces.isEmpty() && m_pieces.last().size() + bytes.size() <= SmallMax)
            m_pieces.last().append(bytes);
        else
            m_pieces.append(std::move(bytes));
    }

    /// Bytes.
    qsizetype size() const { return m_size; }
    bool isEmpty() const { return m_size == 0; }

    /// Takes up to `sizeMax` bytes out of the front; returns how many.
    qsizetype read(char *to, qsizetype sizeMax)
    {
        qsizetype copied = 0;
        while (copied < sizeMax && !m_pieces.isEmpty()) {
            const QByteArray &piece = m_pieces.first();
            const qsizetype count = std::min(sizeMax - copied, piece.size() - m_firstOffset);
            std::memcpy(to + copied, piece.constData() + m_firstOffset, std::size_t(count));
            copied += count;
            m_firstOffset += count;
            if (m_firstOffset == piece.size()) {
                m_pieces.removeFirst();
                m_firstOffset = 0;
            }
        }
        m_size -= copied;
        return copied;
    }

    /// The first piece, or a copy of its next `sizeMax` bytes if it is longer.
    QByteArray takeFirst(qsizetype sizeMax = std::numeric_limits<qsizetype>::max())
    {
        const QByteArray &first = m_pieces.first();
        const qsizetype size = std::min(first.size() - m_firstOffset, sizeMax);
        if (size == first.size()) {
            m_size -= size;
            return m_pieces.takeFirst();
        }
        QByteArray part(size, Qt::Uninitialized);
        read(part.data(), size);
        return part;
    }

    void clear()
    {
        m_pieces.clear();
        m_firstOffset = 0;
        m_size = 0;
    }

private:
    QList<QByteArray> m_pieces;
    qsizetype m_firstOffset = 0; // into the first piece
    qsizetype m_size = 0;
};

} // namespace weir::upstream
