// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QtGlobal>

namespace weir::upstream {

/// What one turn of a lane may do before all other sockets of the thread have had theirs: bytes, and pieces,
/// because an upstream can put thousands of them into a block, each of which costs as much as a kilobyte.
class TurnBudget
{
public:
    /// Bytes taken out of the socket and bytes handed on, both counted; and once more bytes that are written.
    /// What is begun is done: a block more at most.
    static constexpr qint64 BytesMax = 256 * 1024;
    /// Frames, fields of heads and chunks of bodies that are read; beyond, those of the step that is under
    /// way.
    static constexpr int PiecesMax = 500;

    void begin() { *this = {}; }

    void countPiece() { ++m_pieces; }
    void countMoved(qint64 bytes) { m_moved += bytes; }
    void countWritten(qint64 bytes) { m_written += bytes; }

    bool mayTakePieces() const { return m_pieces < PiecesMax; }
    bool mayMove() const { return m_moved < BytesMax; }
    bool mayWrite() const { return m_written < BytesMax; }

    /// There is more to do than it allows.
    void leaveRest() { m_isSpent = true; }
    bool isSpent() const { return m_isSpent; }

private:
    qint64 m_moved = 0;
    qint64 m_written = 0;
    int m_pieces = 0;
    bool m_isSpent = false;
};

} // namespace weir::upstream
