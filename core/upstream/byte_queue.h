// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cstring>
#include <limits>
#include <QByteArray>
#include <QList>
#include <string_view>
#include <utility>

namespace weir::upstream {

/// Pieces of a body in the order in which they came. Large ones are shared; small ones are put together, so
/// that a body that comes byte by byte takes little more memory than it has bytes.
class ByteQueue
{
public:
    /// Bytes up to which neighbours become one piece, if nothing else is said.
    static constexpr qsizetype SmallMax = 4096;

    explicit ByteQueue(qsizetype joinMax = SmallMax) : m_joinMax(joinMax) {}

    void append(QByteArray bytes)
    {
        if (!bytes.isEmpty() && !join({bytes.constData(), std::size_t(bytes.size())}))
            add(std::move(bytes));
    }
    /// Copied.
    void append(std::string_view bytes)
    {
        if (!bytes.empty() && !join(bytes))
            add({bytes.data(), qsizetype(bytes.size())});
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
    bool join(std::string_view bytes)
    {
        if (m_pieces.isEmpty() || m_pieces.last().size() + qsizetype(bytes.size()) > m_joinMax)
            return false;
        m_pieces.last().append(bytes.data(), qsizetype(bytes.size()));
        m_size += qsizetype(bytes.size());
        return true;
    }
    void add(QByteArray bytes)
    {
        m_size += bytes.size();
        m_pieces.append(std::move(bytes));
    }

    qsizetype m_joinMax;
    QList<QByteArray> m_pieces;
    qsizetype m_firstOffset = 0; // into the first piece
    qsizetype m_size = 0;
};

} // namespace weir::upstream
