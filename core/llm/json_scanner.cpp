// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/json_scanner.h"

#include "llm/json_string.h"
#include <bit>
#include <cstring>

namespace weir::llm {

namespace {

constexpr std::string_view ByteOrderMark = "\xEF\xBB\xBF";

bool isBlank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

bool isDigit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/// True for ASCII that stands for itself in a string.
bool isPlain(char byte)
{
    return std::uint8_t(byte) >= 0x20 && std::uint8_t(byte) < 0x80 && byte != '"' && byte != '\\';
}

/// How many bytes at the front are plain. Eight at a time: bodies are mostly long strings.
std::size_t plainPrefix(std::string_view bytes)
{
    constexpr std::uint64_t Ones = 0x0101010101010101U;
    constexpr std::uint64_t Highs = 0x80 * Ones;
    // The high bit of each byte that is zero; bytes behind the first such one may be wrong, which is as good.
    const auto zeros = [](std::uint64_t word) { return (word - Ones) & ~word & Highs; };
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= bytes.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        const std::uint64_t below = (word - 0x20 * Ones) & ~word & Highs;
        const std::uint64_t special =
            (word & Highs) | below | zeros(word ^ ('"' * Ones)) | zeros(word ^ ('\\' * Ones));
        if (special == 0)
            continue;
        if constexpr (std::endian::native == std::endian::little)
            return at + std::size_t(std::countr_zero(special)) / 8;
        break;
    }
    while (at < bytes.size() && isPlain(bytes[at]))
        ++at;
    return at;
}

} // namespace

std::size_t JsonScanner::scan(std::string_view bytes, Stop &stop)
{
    std::size_t at = 0;
    while (m_stop == Stop::OutOfBytes && at < bytes.size()) {
        if (m_state == State::String) {
            at += plainPrefix(bytes.substr(at));
            if (at + 1 < bytes.size() && bytes[at] == '\\' && isShortEscape(bytes[at + 1])) {
                at += 2;
                continue;
            }
        }
        if (at < bytes.size() && step(bytes[at]))
            ++at;
    }
    m_offset += at;
    stop = m_stop;
    if (m_stop != Stop::Fault && m_stop != Stop::TooDeep)
        m_stop = Stop::OutOfBytes;
    return at;
}

bool JsonScanner::isWhole() const
{
    if (m_nesting.depth() > 0 || m_stop != Stop::OutOfBytes)
        return false;
    switch (m_state) {
    case State::End:
    case State::Zero: // a number alone ends with the text
    case State::Integer:
    case State::Fraction:
    case State::ExponentDigits:
        return true;
    default:
        return false;
    }
}

/// Takes one byte. False if it was not taken: it is at fault, nests too deep, or, being the first one behind
/// a number, is to be looked at again.
bool JsonScanner::step(char byte)
{
    switch (m_state) {
    case State::String:
    case State::Escape:
    case State::Hex:
    case State::Utf8:
        return stepInString(byte);
    case State::Minus:
    case State::Zero:
    case State::Integer:
    case State::Point:
    case State::Fraction:
    case State::Exponent:
    case State::ExponentSign:
    case State::ExponentDigits:
        return stepInNumber(byte);
    case State::Literal:
        if (byte != m_literal.front()) {
            m_stop = Stop::Fault;
            return false;
        }
        m_literal.remove_prefix(1);
        if (m_literal.empty())
            endValue();
        return true;
    default:
        if (stepOutside(byte))
            return true;
        if (m_stop == Stop::OutOfBytes)
            m_stop = Stop::Fault;
        return false;
    }
}

/// Between the tokens.
bool JsonScanner::stepOutside(char byte)
{
    if (m_state == State::Start) {
        if (m_left > 0 || byte == ByteOrderMark[0]) { // m_left: bytes of the mark seen
            if (byte != ByteOrderMark[m_left])
                return false;
            m_left = std::uint8_t(m_left + 1);
            if (m_left == ByteOrderMark.size()) {
                m_left = 0;
                m_state = State::Value;
            }
            return true;
        }
        m_state = State::Value;
    }
    if (isBlank(byte))
        return true;
    switch (m_state) {
    case State::ValueOrClose:
        return byte == ']' ? closeBracket(false) : beginValue(byte);
    case State::Value:
        return beginValue(byte);
    case State::KeyOrClose:
        return byte == '}' ? closeBracket(true) : byte == '"' && beginString(true);
    case State::Key:
        return byte == '"' && beginString(true);
    case State::Colon:
        m_state = State::Value;
        return byte == ':';
    case State::CommaOrClose:
        if (byte == ',') {
            m_state = m_nesting.isInObject() ? State::Key : State::Value;
            return true;
        }
        return (byte == '}' || byte == ']') && closeBracket(byte == '}');
    default:
        return false;
    }
}

bool JsonScanner::beginValue(char byte)
{
    switch (byte) {
    case '{':
    case '[':
        return openBracket(byte == '{');
    case '"':
        return beginString(false);
    case 't':
        m_literal = "rue";
        break;
    case 'f':
        m_literal = "alse";
        break;
    case 'n':
        m_literal = "ull";
        break;
    case '-':
        m_state = State::Minus;
        return true;
    case '0':
        m_state = State::Zero;
        return true;
    default:
        m_state = State::Integer;
        return isDigit(byte);
    }
    m_state = State::Literal;
    return true;
}

bool JsonScanner::beginString(bool isKey)
{
    m_state = State::String;
    m_inKey = isKey;
    if (isAtTop())
        m_stop = isKey ? Stop::KeyBegins : Stop::TextBegins;
    return true;
}

bool JsonScanner::openBracket(bool isObject)
{
    if (!m_nesting.open(isObject)) {
        m_stop = Stop::TooDeep;
        return false;
    }
    m_state = isObject ? State::KeyOrClose : State::ValueOrClose;
    return true;
}

bool JsonScanner::closeBracket(bool isObject)
{
    if (m_nesting.isInObject() != isObject)
        return false;
    if (isAtTop())
        m_stop = Stop::ObjectEnds;
    m_nesting.close();
    endValue();
    return true;
}

void JsonScanner::endValue()
{
    m_state = m_nesting.depth() == 0 ? State::End : State::CommaOrClose;
}

bool JsonScanner::stepInString(char byte)
{
    const auto value = std::uint8_t(byte);
    bool isGood = true;
    switch (m_state) {
    case State::Escape:
        m_left = 4;
        m_state = byte == 'u' ? State::Hex : State::String;
        isGood = byte == 'u' || isShortEscape(byte);
        break;
    case State::Hex:
        m_left = std::uint8_t(m_left - 1);
        m_state = m_left > 0 ? State::Hex : State::String;
        isGood = hexDigit(byte) >= 0;
        break;
    case State::Utf8:
        isGood = value >= m_lowest && value <= m_highest;
        m_lowest = 0x80;
        m_highest = 0xBF;
        m_left = std::uint8_t(m_left - 1);
        m_state = m_left > 0 ? State::Utf8 : State::String;
        break;
    default:
        if (byte == '"') {
            if (isAtTop())
                m_stop = m_inKey ? Stop::KeyEnds : Stop::TextEnds;
            if (m_inKey)
                m_state = State::Colon;
            else
                endValue();
        } else if (byte == '\\') {
            m_state = State::Escape;
        } else if (!isPlain(byte)) {
            isGood = beginCodePoint(value);
        }
    }
    if (!isGood)
        m_stop = Stop::Fault;
    return isGood;
}

/// RFC 3629 §4: neither overlong forms, nor surrogates, nor anything above U+10FFFF.
bool JsonScanner::beginCodePoint(std::uint8_t lead)
{
    if (lead < 0xC2 || lead > 0xF4)
        return false;
    m_state = State::Utf8;
    m_left = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    m_lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    m_highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return true;
}

bool JsonScanner::stepInNumber(char byte)
{
    const State before = m_state;
    const bool digit = isDigit(byte);
    bool mayEnd = false;
    switch (before) {
    case State::Minus:
        m_state = byte == '0' ? State::Zero : digit ? State::Integer : before;
        if (digit)
            return true;
        break;
    case State::Zero:
    case State::Integer:
        if (digit && before == State::Integer)
            return true;
        if (byte == '.') {
            m_state = State::Point;
            return true;
        }
        [[fallthrough]];
    case State::Fraction:
        if (digit && before == State::Fraction)
            return true;
        if ((byte | 0x20) == 'e') {
            m_state = State::Exponent;
            return true;
        }
        mayEnd = true;
        break;
    case State::Point:
        m_state = State::Fraction;
        if (digit)
            return true;
        break;
    case State::Exponent:
        m_state = digit ? State::ExponentDigits : State::ExponentSign;
        if (digit || byte == '+' || byte == '-')
            return true;
        break;
    case State::ExponentSign:
    case State::ExponentDigits:
        m_state = State::ExponentDigits;
        if (digit)
            return true;
        mayEnd = before == State::ExponentDigits;
        break;
    default:
        break;
    }
    // Only what may follow a value ends a number: "01" and "1x" are faulty at their second byte anyway.
    if (mayEnd)
        endValue();
    else
        m_stop = Stop::Fault;
    return false;
}

} // namespace weir::llm
