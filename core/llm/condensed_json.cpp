// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/condensed_json.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace weir::llm {

namespace {

bool isBlank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/// Not a byte of a number, of true, false or null, and nothing that stands in their place in broken JSON.
bool endsPlainValue(char byte)
{
    switch (byte) {
    case '{':
    case '}':
    case '[':
    case ']':
    case '"':
    case ',':
        return true;
    default:
        return isBlank(byte);
    }
}

bool isInsideCodePoint(char byte)
{
    return (std::uint8_t(byte) & 0xC0) == 0x80;
}

constexpr std::size_t ShortEscapeSize = 2;   // \n
constexpr std::size_t UnicodeEscapeSize = 6; // \u00e4

} // namespace

void CondensedJson::append(std::string_view bytes)
{
    m_size += bytes.size();
    if (m_place) {
        condense(bytes);
    } else if (m_text.size() + bytes.size() <= m_from) {
        m_text.append(bytes);
    } else {
        m_place = std::make_unique<Place>();
        const std::string before = std::exchange(m_text, {});
        condense(before);
        condense(bytes);
    }
}

void CondensedJson::clear()
{
    m_size = 0;
    m_place.reset();
    if (m_text.capacity() > m_from)
        std::string().swap(m_text); // assigning "" would keep the memory
    m_text.clear();
}

void CondensedJson::condense(std::string_view bytes)
{
    // Looked for again only when it has been passed: a string may be full of escapes.
    std::size_t quote = 0;
    for (std::size_t at = 0; at < bytes.size() && !m_place->isTooDeep;) {
        if (m_place->isInString)
            at = inString(bytes, at, quote);
        else
            at = outside(bytes, at);
    }
}

/// Takes a part of a string; returns what follows it. `quote` is the first one at or behind `at`, or
/// somewhere before it.
std::size_t CondensedJson::inString(std::string_view bytes, std::size_t at, std::size_t &quote)
{
    std::string &escape = m_place->escape;
    if (!escape.empty()) {
        escape += bytes[at++];
        const bool isUnicode = escape[1] == 'u';
        if (escape.size() == (isUnicode ? UnicodeEscapeSize : ShortEscapeSize)) {
            keep(escape, true);
            escape.clear();
        }
        return at;
    }
    if (quote < at || (quote < bytes.size() && bytes[quote] != '"'))
        quote = std::min(bytes.find('"', at), bytes.size());
    const std::string_view part = bytes.substr(at, quote - at);
    const std::size_t plain = std::min(part.find('\\'), part.size());
    keep(part.substr(0, plain), false);
    at += plain;
    if (at == bytes.size())
        return at;
    if (bytes[at] == '\\') {
        escape = '\\';
    } else {
        m_place->isInString = false;
        if (m_place->silentFrom == 0)
            m_text += '"';
    }
    return at + 1;
}

/// Of a string, as far as there is room. `isWhole`: all of it or nothing.
void CondensedJson::keep(std::string_view bytes, bool isWhole)
{
    if (m_place->silentFrom > 0)
        return;
    std::size_t &room = m_place->stringRoom;
    if (bytes.size() <= room) {
        m_text.append(bytes);
        room -= bytes.size();
        return;
    }
    if (std::exchange(m_place->isCut, true))
        return;
    const std::size_t size = isWhole ? 0 : room;
    m_text.append(bytes.substr(0, size));
    room = 0;
    if (!isInsideCodePoint(bytes[size]))
        return;
    while (isInsideCodePoint(m_text.back()))
        m_text.pop_back();
    m_text.pop_back();
}

/// Takes what is next outside a string; returns what follows it.
std::size_t CondensedJson::outside(std::string_view bytes, std::size_t at)
{
    Place &place = *m_place;
    const bool isSilent = place.silentFrom > 0;
    const auto *const plainEnd = std::find_if(bytes.begin() + at, bytes.end(), endsPlainValue);
    if (const auto plain = bytes.substr(at, std::size_t(plainEnd - bytes.begin()) - at); !plain.empty()) {
        place.isPlainValue = true;
        if (!isSilent)
            m_text += plain;
        return at + plain.size();
    }
    switch (const char byte = bytes[at]) {
    case '{':
    case '[':
        open(byte);
        break;
    case '}':
    case ']':
        close(byte);
        break;
    case '"':
        place.isInString = place.isPlainValue = true;
        place.stringRoom = StringKept;
        place.isCut = false;
        if (!isSilent)
            m_text += byte;
        break;
    case ',':
        // Of a list of numbers, of which embeddings have thousands, the first one is enough.
        if (!isSilent && place.isPlainValue && place.nesting.depth() > 0 && !place.nesting.isInObject()) {
            place.silentFrom = place.nesting.depth();
            break;
        }
        place.isPlainValue = true;
        if (!isSilent)
            m_text += byte;
        break;
    default: // a blank; one will do
        if (!isSilent && !m_text.empty() && !isBlank(m_text.back()))
            m_text += byte;
    }
    return at + 1;
}

void CondensedJson::open(char bracket)
{
    Place &place = *m_place;
    place.isTooDeep = !place.nesting.open(bracket == '{');
    if (place.isTooDeep || place.silentFrom > 0)
        return;
    m_text += bracket;
    place.isPlainValue = false;
    if (place.nesting.depth() > DepthKept)
        place.silentFrom = place.nesting.depth();
}

void CondensedJson::close(char bracket)
{
    Place &place = *m_place;
    if (place.nesting.depth() == place.silentFrom) // of the outermost too, where neither is anything
        place.silentFrom = 0;
    if (place.nesting.depth() > 0)
        place.nesting.close();
    if (place.silentFrom > 0)
        return;
    m_text += bracket;
    place.isPlainValue = false;
}

} // namespace weir::llm
