// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/body_device.h"

#include <algorithm>
#include <cstring>

namespace weir::upstream {

BodyDevice::BodyDevice(QObject *parent) : QIODevice(parent)
{
    open(QIODevice::ReadOnly | QIODevice::Unbuffered);
}

void BodyDevice::append(QByteArray bytes)
{
    if (bytes.isEmpty())
        return;
    m_heldSize += bytes.size();
    m_pieces.push_back(std::move(bytes));
    Q_EMIT readyRead();
}

void BodyDevice::finish()
{
    m_finished = true;
    Q_EMIT readyRead();
}

qint64 BodyDevice::readData(char *data, qint64 size)
{
    qsizetype copied = 0;
    while (copied < size && !m_pieces.empty()) {
        const QByteArray &piece = m_pieces.front();
        const qsizetype count = std::min<qsizetype>(size - copied, piece.size() - m_firstOffset);
        std::memcpy(data + copied, piece.constData() + m_firstOffset, std::size_t(count));
        copied += count;
        m_firstOffset += count;
        if (m_firstOffset == piece.size()) {
            m_pieces.pop_front();
            m_firstOffset = 0;
        }
    }
    m_heldSize -= copied;
    if (copied > 0)
        Q_EMIT taken();
    if (atEnd()) {
        if (!std::exchange(m_exhaustedTold, true))
            Q_EMIT exhausted();
        return copied > 0 ? copied : -1;
    }
    return copied;
}

} // namespace weir::upstream
