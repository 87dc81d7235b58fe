// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace weir::upstream {

/// Tells when Qt takes far more from the connections of a manager than it shows of replies: heads without an
/// end, floods of frames, bodies that go on after their call has ended. All of that it keeps, or is busy
/// with, where nobody sees it. Arithmetic only: what one look finds taken has to have been shown by the next.
class QnamIntake
{
public:
    /// Bytes that Qt may have taken and not shown: parts of the largest heads on six connections, and what
    /// connections say of themselves, certificates among it.
    static constexpr std::int64_t OwedMax = 512 * 1024;
    /// What framing may make of a reply that comes in pieces of one byte: a chunk of six in cleartext, over
    /// TLS a DATA frame in a record, about forty.
    static constexpr int PlainFraming = 8;
    static constexpr int TlsFraming = 48;
    /// What Qt may hold back of a reply over HTTP/1.1 while its call is paused, and drops when it has ended.
    static constexpr std::int64_t HeldBack = 256 * 1024;
    /// What may still come of a reply over HTTP/2 whose call has ended: what two kernels have of it. More is
    /// not allowed at a time, whatever the reasons.
    static constexpr std::int64_t UnderWayMax = 8 * 1024 * 1024;

    explicit QnamIntake(bool tls) : m_framing(tls ? TlsFraming : PlainFraming) {}

    /// Qt has shown so much of a reply.
    void show(std::int64_t bytes) { m_shown += bytes; }
    /// So much need not be shown.
    void allow(std::int64_t bytes);
    /// So much was taken since the last look. True if that is too much; then it counts from nothing again.
    bool look(std::int64_t taken);
    /// Nothing has come for long.
    void settle();

private:
    const int m_framing;
    std::int64_t m_owed = 0; // negative: shown in advance of the next look
    std::int64_t m_taken = 0;
    std::int64_t m_shown = 0;
    std::int64_t m_allowed = 0;
};

} // namespace weir::upstream
