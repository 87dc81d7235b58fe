// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/event_scanner.h"
#include <charconv>
#include <utility>

namespace weir::load {

namespace {

/// The last stamp in `line`, if there is one.
std::optional<std::int64_t> findStamp(std::string_view line)
{
    std::optional<std::int64_t> found;
    for (auto at = line.find('@'); at != std::string_view::npos; at = line.find('@', at + 1)) {
        const std::size_t end = at + 1 + EventScanner::StampDigits;
        if (end >= line.size())
            break;
        std::int64_t stamp = 0;
        const auto [stop, error] = std::from_chars(line.data() + at + 1, line.data() + end, stamp);
        if (error != std::errc{} || stop != line.data() + end || line[end] != '@' || stamp < 0)
            continue;
        found = stamp;
        at = end;
    }
    return found;
}

} // namespace

void EventScanner::reset()
{
    m_line.clear();
    m_stamp.reset();
    m_isEnd = false;
    m_hasEnded = false;
    m_isMalformed = false;
}

std::optional<std::int64_t> EventScanner::take(std::string_view &input)
{
    while (!input.empty() && !m_isMalformed) {
        const auto end = input.find('\n');
        if (end == std::string_view::npos || !m_line.empty()) {
            const std::string_view piece = input.substr(0, end);
            if (m_line.size() + piece.size() > LineMax) {
                m_isMalformed = true;
                break;
            }
            m_line.append(piece);
        }
        if (end == std::string_view::npos) {
            input = {};
            break;
        }
        std::string_view line = m_line.empty() ? input.substr(0, end) : std::string_view(m_line);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        input.remove_prefix(end + 1);
        const bool isEventEnd = line.empty();
        if (!isEventEnd)
            readLine(line);
        m_line.clear();
        if (!isEventEnd)
            continue;
        m_hasEnded = m_hasEnded || std::exchange(m_isEnd, false);
        if (m_stamp)
            return std::exchange(m_stamp, std::nullopt);
    }
    return std::nullopt;
}

void EventScanner::readLine(std::string_view line)
{
    if (line == "data: [DONE]" || line == "data:[DONE]" || line == "event: message_stop" ||
        line == "event:message_stop") {
        m_isEnd = true;
        return;
    }
    if (!line.starts_with("data:"))
        return;
    if (const auto stamp = findStamp(line))
        m_stamp = stamp;
}

} // namespace weir::load
