// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/reply_scanner.h"
#include <algorithm>
#include <charconv>
#include <strings.h>
#include <utility>

namespace weir::load {

namespace {

constexpr std::string_view HeadEnd = "\r\n\r\n";
constexpr int InformationalMax = 199;
constexpr int NoContent = 204;
constexpr int NotModified = 304;
constexpr int SizeDigitsMax = 15; ///< of a chunk's size: fits 64 bits

bool isSame(std::string_view left, std::string_view lower)
{
    return left.size() == lower.size() && ::strncasecmp(left.data(), lower.data(), left.size()) == 0;
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether the comma-separated `list` holds `word`.
bool hasWord(std::string_view list, std::string_view word)
{
    while (!list.empty()) {
        const auto comma = list.find(',');
        if (isSame(trimmed(list.substr(0, comma)), word))
            return true;
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return false;
}

} // namespace

void ReplyScanner::reset()
{
    m_state = State::Head;
    m_hasBegun = false;
    m_keepsAlive = true;
    m_status = 0;
    m_left = 0;
    m_head.clear();
}

std::string_view ReplyScanner::take(std::string_view &input)
{
    m_hasBegun = m_hasBegun || !input.empty();
    while (!input.empty() && !isOver()) {
        switch (m_state) {
        case State::Head:
            takeHead(input);
            break;
        case State::Length:
            return takeBody(input, State::Complete);
        case State::ChunkData:
            return takeBody(input, State::ChunkDataEnd);
        case State::UntilClose:
            return std::exchange(input, {});
        default:
            takeChunkByte(input.front());
            input.remove_prefix(1);
        }
    }
    return {};
}

void ReplyScanner::end()
{
    if (!isOver())
        m_state = m_state == State::UntilClose ? State::Complete : State::Malformed;
}

void ReplyScanner::takeHead(std::string_view &input)
{
    if (m_head.empty()) { // nearly always the head comes whole
        const auto end = input.find(HeadEnd);
        if (end != std::string_view::npos) {
            const std::string_view head = input.substr(0, end + 2);
            input.remove_prefix(end + HeadEnd.size());
            if (!readHead(head))
                m_state = State::Malformed;
            return;
        }
    }
    // Search again where the end may have been cut through.
    const std::size_t known = m_head.size();
    m_head.append(input.substr(0, HeadMax + 1));
    const auto end = m_head.find(HeadEnd, known - std::min(known, HeadEnd.size() - 1));
    if (end == std::string::npos) {
        input = {};
        if (m_head.size() > HeadMax)
            m_state = State::Malformed;
        return;
    }
    input.remove_prefix(end + HeadEnd.size() - known);
    m_head.resize(end + 2);
    if (!readHead(m_head))
        m_state = State::Malformed;
    m_head.clear();
}

bool ReplyScanner::readHead(std::string_view head)
{
    Framing framing;
    bool isFirst = true;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        if (isFirst ? !readStatusLine(line) : !readField(line, framing))
            return false;
        isFirst = false;
        head.remove_prefix(end + 2);
    }
    return decideBody(framing);
}

bool ReplyScanner::readStatusLine(std::string_view line)
{
    // "HTTP/1.1 200 OK"; the reason may be missing.
    constexpr std::size_t StatusAt = 9;
    constexpr std::size_t StatusEnd = 12;
    if (line.size() < StatusEnd || (!line.starts_with("HTTP/1.1 ") && !line.starts_with("HTTP/1.0 ")))
        return false;
    const auto [stop, error] = std::from_chars(line.data() + StatusAt, line.data() + StatusEnd, m_status);
    if (error != std::errc{} || stop != line.data() + StatusEnd || m_status < 100)
        return false;
    m_keepsAlive = line[7] == '1';
    return line.size() == StatusEnd || line[StatusEnd] == ' ';
}

bool ReplyScanner::readField(std::string_view line, Framing &framing)
{
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return false;
    const std::string_view name = line.substr(0, colon);
    // Only three names matter; their first letters rule out most others.
    const char first = char(name.front() | 0x20);
    if (first != 'c' && first != 't')
        return true;
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (isSame(name, "content-length")) {
        std::uint64_t length = 0;
        const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (value.empty() || error != std::errc{} || stop != value.data() + value.size())
            return false;
        if (framing.hasLength && framing.length != length)
            return false;
        framing.hasLength = true;
        framing.length = length;
    } else if (isSame(name, "transfer-encoding")) {
        if (framing.isChunked || !isSame(value, "chunked"))
            return false;
        framing.isChunked = true;
    } else if (isSame(name, "connection")) {
        if (hasWord(value, "close"))
            m_keepsAlive = false;
        else if (hasWord(value, "keep-alive"))
            m_keepsAlive = true;
    }
    return true;
}

bool ReplyScanner::decideBody(const Framing &framing)
{
    if (m_status <= InformationalMax) { // an interim head: the real one follows
        m_state = State::Head;
        m_status = 0;
        return true;
    }
    if (framing.hasLength && framing.isChunked)
        return false; // RFC 9112 6.3: two readings, perhaps an attack
    if (m_status == NoContent || m_status == NotModified) {
        m_state = State::Complete;
    } else if (framing.isChunked) {
        m_state = State::ChunkSize;
        m_sizeDigits = 0;
    } else if (framing.hasLength) {
        m_left = framing.length;
        m_state = m_left == 0 ? State::Complete : State::Length;
    } else {
        m_keepsAlive = false;
        m_state = State::UntilClose;
    }
    return true;
}

std::string_view ReplyScanner::takeBody(std::string_view &input, State whenDone)
{
    const auto size = std::size_t(std::min<std::uint64_t>(m_left, input.size()));
    const std::string_view piece = input.substr(0, size);
    input.remove_prefix(size);
    m_left -= size;
    if (m_left == 0)
        m_state = whenDone;
    return piece;
}

void ReplyScanner::takeSizeDigit(char byte)
{
    const char lower = char(byte | 0x20);
    const bool isDigit = byte >= '0' && byte <= '9';
    const bool isLetter = lower >= 'a' && lower <= 'f';
    if (isDigit || isLetter) {
        if (++m_sizeDigits > SizeDigitsMax) {
            m_state = State::Malformed;
            return;
        }
        m_left =
            (m_sizeDigits == 1 ? 0 : m_left * 16) + std::uint64_t(isDigit ? byte - '0' : lower - 'a' + 10);
    } else if (m_sizeDigits == 0) {
        m_state = State::Malformed;
    } else if (byte == '\r') {
        m_state = State::ChunkSizeEnd;
    } else {
        m_state = byte == ';' || byte == ' ' || byte == '\t' ? State::ChunkExtension : State::Malformed;
    }
}

void ReplyScanner::takeTrailerByte(char byte)
{
    if (++m_trailerSize > HeadMax) {
        m_state = State::Malformed;
        return;
    }
    switch (m_state) {
    case State::TrailerStart:
        m_state = byte == '\r' ? State::TrailerEnd : byte == '\n' ? State::Malformed : State::TrailerLine;
        return;
    case State::TrailerLine:
        if (byte == '\r' || byte == '\n')
            m_state = byte == '\r' ? State::TrailerLineEnd : State::Malformed;
        return;
    case State::TrailerLineEnd:
        m_state = byte == '\n' ? State::TrailerStart : State::Malformed;
        return;
    default:
        m_state = byte == '\n' ? State::Complete : State::Malformed;
    }
}

void ReplyScanner::takeChunkByte(char byte)
{
    switch (m_state) {
    case State::ChunkSize:
        takeSizeDigit(byte);
        return;
    case State::ChunkExtension:
        if (byte == '\r' || byte == '\n')
            m_state = byte == '\r' ? State::ChunkSizeEnd : State::Malformed;
        return;
    case State::ChunkSizeEnd:
        m_trailerSize = 0;
        m_state = byte != '\n' ? State::Malformed : m_left == 0 ? State::TrailerStart : State::ChunkData;
        return;
    case State::ChunkDataEnd:
        m_state = byte == '\r' ? State::ChunkDataEndLf : State::Malformed;
        return;
    case State::ChunkDataEndLf:
        m_sizeDigits = 0;
        m_state = byte == '\n' ? State::ChunkSize : State::Malformed;
        return;
    default:
        takeTrailerByte(byte);
    }
}

} // namespace weir::load
