// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/sse_scanner.h"

#include "llm/reply_shape.h"
#include <algorithm>
#include <utility>

namespace weir::llm {

namespace {

constexpr std::string_view DataField = "data:";

std::string_view withoutOneBlank(std::string_view value)
{
    return value.starts_with(' ') ? value.substr(1) : value;
}

} // namespace

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
        m_lineHasBytes |= !part.empty();
        if (at == bytes.size()) { // the line goes on in the next chunk
            holdPart(part);
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

void SseScanner::holdPart(std::string_view part)
{
    if (m_tooLong)
        return;
    if (m_isDataOpen) {
        appendData(part);
        return;
    }
    m_line.append(part);
    if (m_line.size() <= m_condensedFrom)
        return;
    const std::string_view begun = m_atStart ? withoutMark(m_line) : std::string_view(m_line);
    if (begun.starts_with(DataField)) {
        m_isDataOpen = true;
        m_atStart = false;
        beginData();
        appendData(withoutOneBlank(begun.substr(DataField.size())));
        std::string().swap(m_line); // assigning "" would keep the memory
    } else if (m_line.size() > m_eventMax) {
        skipEvent();
    }
}

void SseScanner::endLine(std::string_view part)
{
    const bool isBlank = !std::exchange(m_lineHasBytes, false);
    if (m_tooLong) {
        if (isBlank)
            dispatch(); // the end of the skipped event
        return;
    }
    if (std::exchange(m_isDataOpen, false)) {
        appendData(part);
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
    const std::size_t size = line.size();
    if (std::exchange(m_atStart, false))
        line = withoutMark(line);
    if (line.empty()) {
        dispatch();
        return;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view field = line.substr(0, colon);
    const std::string_view value = withoutOneBlank(line.substr(std::min(colon + 1, line.size())));
    if (field == "data")
        takeData(value);
    else if (size > m_eventMax)
        skipEvent();
    else if (field == "event")
        m_event = value;
    // Comments (an empty field), id and retry say nothing that we need.
}

void SseScanner::takeData(std::string_view value)
{
    if (!m_hasData && value.size() <= m_condensedFrom) {
        m_hasData = true;
        m_dataHere = value;
        return;
    }
    beginData();
    appendData(value);
}

/// A further line of data, of which not all may be there.
void SseScanner::beginData()
{
    keepAcrossChunks();
    if (std::exchange(m_hasData, true))
        appendData("\n");
}

void SseScanner::appendData(std::string_view bytes)
{
    m_data.append(bytes);
    if (m_data.text().size() > m_eventMax)
        skipEvent();
}

void SseScanner::skipEvent()
{
    m_tooLong = m_hasSkipped = true;
    m_atStart = m_isDataOpen = false;
    m_line.clear();
    m_data.clear();
    m_dataHere = {};
}

void SseScanner::keepAcrossChunks()
{
    if (m_dataHere.empty())
        return;
    m_data.append(m_dataHere);
    m_dataHere = {};
}

void SseScanner::dispatch()
{
    if (m_hasData && !m_tooLong) {
        const bool isHere = !m_dataHere.empty();
        m_events.onEvent(m_event, isHere ? m_dataHere : m_data.text(),
                         isHere ? m_dataHere.size() : m_data.size());
    }
    m_event.clear();
    m_data.clear();
    m_dataHere = {};
    m_hasData = false;
    m_tooLong = false;
}

} // namespace weir::llm
