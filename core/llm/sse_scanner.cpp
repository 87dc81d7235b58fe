// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/sse_scanner.h"

#include <algorithm>
#include <utility>

namespace weir::llm {

void SseScanner::feed(std::string_view bytes)
{
    // Searched again only when it has been passed: where lines end in CR alone, the next LF may be a whole
    // chunk away, or nowhere.
    std::size_t lf = bytes.find('\n');
    for (std::size_t at = 0; at < bytes.size();) {
        if (std::exchange(m_afterCr, false) && bytes[at] == '\n') { // the second half of CRLF
            ++at;
            continue;
        }
        if (lf < at)
            lf = bytes.find('\n', at);
        const std::string_view untilLf = bytes.substr(at, std::min(lf, bytes.size()) - at);
        const std::string_view part = untilLf.substr(0, untilLf.find('\r'));
        at += part.size();
        if (!m_tooLong && m_line.size() + part.size() > m_eventMax)
            skipEvent();
        m_lineHasBytes |= !part.empty();
        if (at == bytes.size()) { // the line goes on in the next chunk
            if (!m_tooLong)
                m_line.append(part);
            break;
        }
        m_afterCr = bytes[at] == '\r';
        ++at;
        endLine(part);
    }
    keepAcrossChunks();
}

void SseScanner::finish()
{
    if (m_lineHasBytes)
        endLine({});
    dispatch();
}

void SseScanner::endLine(std::string_view part)
{
    const bool isBlank = !std::exchange(m_lineHasBytes, false);
    if (m_tooLong) {
        if (isBlank)
            dispatch(); // the end of the skipped event
        return;
    }
    if (m_line.empty()) {
        takeLine(part);
        return;
    }
    m_line.append(part);
    keepAcrossChunks();
    const std::string line = std::exchange(m_line, {});
    takeLine(line);
    keepAcrossChunks(); // `line` goes
}

void SseScanner::takeLine(std::string_view line)
{
    if (m_atStart) {
        m_atStart = false;
        constexpr std::string_view ByteOrderMark = "\xEF\xBB\xBF";
        if (line.starts_with(ByteOrderMark))
            line.remove_prefix(ByteOrderMark.size());
    }
    if (line.empty()) {
        dispatch();
        return;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view field = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' '))
        value.remove_prefix(1);
    if (field == "data")
        takeData(value);
    else if (field == "event")
        m_event = value;
    // Comments (an empty field), id and retry say nothing that we need.
}

void SseScanner::takeData(std::string_view value)
{
    if (!m_hasData) {
        m_hasData = true;
        m_dataHere = value;
        return;
    }
    keepAcrossChunks();
    if (m_data.size() + 1 + value.size() > m_eventMax) {
        skipEvent();
        return;
    }
    m_data += '\n';
    m_data += value;
}

void SseScanner::skipEvent()
{
    m_tooLong = m_hasSkipped = true;
    m_atStart = false;
    m_line.clear();
    m_data.clear();
    m_dataHere = {};
}

void SseScanner::keepAcrossChunks()
{
    if (m_dataHere.empty())
        return;
    m_data = m_dataHere;
    m_dataHere = {};
}

void SseScanner::dispatch()
{
    if (m_hasData && !m_tooLong)
        m_events.onEvent(m_event, m_dataHere.empty() ? std::string_view(m_data) : m_dataHere);
    m_event.clear();
    m_data.clear();
    m_dataHere = {};
    m_hasData = false;
    m_tooLong = false;
}

} // namespace weir::llm
