// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtGlobal>

namespace weir::upstream {

/// How many bytes a lane's socket reads before anybody asks for them; beyond, the kernel makes the upstream
/// wait. Over TLS a socket deciphers all of it at once, at a microsecond for each record, however little that
/// holds, and no turn of the lane's can come between. So it reads less while records are tiny.
class ReadAhead
{
public:
    static constexpr qint64 Most = 128 * 1024;
    static constexpr qint64 Least = 4 * 1024; ///< at most some 180 records
    /// Records that come between two turns and do not matter, whatever their size.
    static constexpr int FewRecords = 16;
    /// Bytes that a record holds at least, on the average, or it is tiny.
    static constexpr qint64 TinyRecord = 128;

    /// A record was deciphered; without TLS: something has come.
    void recordCame() { ++m_records; }
    /// The bytes to read ahead from now on; `unread` of what was deciphered wait now. Before a turn.
    qint64 fit(qint64 unread)
    {
        const qint64 came = unread - m_left;
        if (m_records > 0)
            m_size = m_records > FewRecords && came < m_records * TinyRecord ? Least : Most;
        m_records = 0;
        return m_size;
    }
    /// The turn has left so many bytes.
    void leave(qint64 unread) { m_left = unread; }

private:
    qint64 m_size = Most;
    qint64 m_left = 0;
    qint64 m_records = 0; // since fit()
};

} // namespace weir::upstream
