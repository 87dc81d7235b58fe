// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/lines.h"

namespace weir::exchanges {

namespace {

bool isIndented(const Line &line)
{
    return line.text.startsWith(' ');
}

bool isComment(const Line &line)
{
    return line.text.startsWith('#');
}

} // namespace

Lines::Lines(QByteArrayView text)
{
    const std::vector<Line> lines = split(text);
    std::size_t at = 0;
    readTitle(lines, at);
    while (at < lines.size() && !m_problem)
        readEntry(lines, at);
}

const Line *Lines::next()
{
    return m_at == m_entries.size() ? nullptr : &m_entries[m_at++].line;
}

void Lines::blame(int line, QByteArray what)
{
    if (!m_problem)
        m_problem = Problem{line, std::move(what)};
}

std::vector<Line> Lines::split(QByteArrayView text)
{
    std::vector<Line> lines;
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = at;
        while (end < text.size() && text[end] != '\n')
            ++end;
        Line line{int(lines.size()) + 1, text.sliced(at, end - at).toByteArray()};
        at = end + 1;
        for (const char byte : line.text) {
            if (static_cast<unsigned char>(byte) < ' ')
                blame(line.number,
                      R"(a control character: in text write \t, \r or \xHH, and indent by spaces)");
        }
        if (line.text.endsWith(' '))
            blame(line.number, R"(a space at the end of a line, which nobody sees: in text write \x20)");
        lines.push_back(std::move(line));
    }
    m_lastNumber = std::max(1, int(lines.size()));
    return lines;
}

void Lines::readTitle(const std::vector<Line> &lines, std::size_t &at)
{
    m_title.number = 1;
    for (; at < lines.size() && !lines[at].text.isEmpty(); ++at) {
        if (isIndented(lines[at]) || isComment(lines[at]))
            break;
        m_title.text += (m_title.text.isEmpty() ? "" : " ") + lines[at].text;
    }
    if (!m_title.text.endsWith('.'))
        blame(1, "the document begins with a paragraph of its own, a sentence that says what must be true");
}

void Lines::readEntry(const std::vector<Line> &lines, std::size_t &at)
{
    const Line &line = lines[at++];
    if (line.text.isEmpty() || isComment(line))
        return;
    if (isIndented(line)) {
        blame(line.number, "an indented line that belongs to no line at the margin");
        return;
    }
    Entry entry{line, {}};
    std::vector<Line> empty;
    for (; at < lines.size() && (lines[at].text.isEmpty() || isIndented(lines[at])); ++at) {
        if (lines[at].text.isEmpty()) {
            empty.push_back(lines[at]);
            continue;
        }
        if (!lines[at].text.startsWith(QByteArray(Indent, ' '))) {
            blame(lines[at].number, "a block is indented by four spaces");
            return;
        }
        if (!entry.block.empty()) // below the line itself an empty one only looks nicer
            entry.block.insert(entry.block.end(), empty.begin(), empty.end());
        empty.clear();
        entry.block.push_back({lines[at].number, lines[at].text.mid(Indent)});
    }
    m_entries.push_back(std::move(entry));
}

} // namespace weir::exchanges
