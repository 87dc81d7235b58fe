// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/document.h"
#include <optional>
#include <QByteArray>
#include <vector>

namespace weir::exchanges {

/// One line of a document, or of a block in it.
struct Line
{
    int number = 0;
    QByteArray text;
};

/// The indented lines below a line, without their indent. Empty ones stand between others only.
using Block = std::vector<Line>;

/// A document taken apart into lines at the margin and the blocks below them; empty lines and comments are
/// passed over.
class Lines
{
public:
    static constexpr qsizetype Indent = 4;

    /// Only if problem() is empty afterwards.
    explicit Lines(QByteArrayView text);

    const std::optional<Problem> &problem() const { return m_problem; }
    /// The paragraph that the document begins with, in one line.
    const Line &title() const { return m_title; }
    /// The next line at the margin, and what is below it; nullptr at the end.
    const Line *next();
    const Block &block() const { return m_entries[m_at - 1].block; }
    int lastNumber() const { return m_lastNumber; }

private:
    struct Entry
    {
        Line line;
        Block block;
    };

    void blame(int line, QByteArray what);
    std::vector<Line> split(QByteArrayView text);
    void readTitle(const std::vector<Line> &lines, std::size_t &at);
    void readEntry(const std::vector<Line> &lines, std::size_t &at);

    std::optional<Problem> m_problem;
    Line m_title;
    std::vector<Entry> m_entries;
    std::size_t m_at = 0;
    int m_lastNumber = 1;
};

} // namespace weir::exchanges
