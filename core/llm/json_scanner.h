// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/json_nesting.h"
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::llm {

/// Reads one JSON text (RFC 8259) strictly as it passes, however it is cut, in constant memory. Tells where
/// the members of the top-level object lie, and the exact byte at which a text stops being JSON. A byte order
/// mark before the text is passed over, as RFC 8259 §8.1 allows.
///
/// Nesting beyond JsonNestingMax ends the scan, whatever would follow.
class JsonScanner
{
public:
    enum class Stop : std::uint8_t
    {
        OutOfBytes, ///< all bytes were taken
        KeyBegins,  ///< the last byte taken is the quote that opens a key of the top-level object
        KeyEnds,    ///< … that closes it
        TextBegins, ///< … that opens a string which is the value of a top-level member
        TextEnds,   ///< … that closes it
        ObjectEnds, ///< the last byte taken is the bracket that closes the top-level object
        Fault,      ///< the next byte cannot stand there; for ever
        TooDeep,    ///< the next byte would nest too deep; for ever
    };

    /// Takes bytes until one of the above. Returns how many were taken; those behind them are to be offered
    /// again.
    std::size_t scan(std::string_view bytes, Stop &stop);

    /// Whether the text may end here. Once, when there are no more bytes.
    bool isWhole() const;
    /// Bytes taken so far: after a Fault the offset of the faulty byte.
    std::size_t offset() const { return m_offset; }

private:
    enum class State : std::uint8_t
    {
        Start, ///< before the text, perhaps inside a byte order mark
        Value,
        ValueOrClose, ///< behind [
        KeyOrClose,   ///< behind {
        Key,          ///< behind a comma in an object
        Colon,
        CommaOrClose, ///< behind a value
        End,          ///< behind the text
        String,
        Escape,
        Hex,
        Utf8,
        Literal,
        Minus,
        Zero,
        Integer,
        Point,
        Fraction,
        Exponent,
        ExponentSign,
        ExponentDigits,
    };

    bool step(char byte);
    bool stepOutside(char byte);
    bool stepInString(char byte);
    bool stepInNumber(char byte);
    bool beginValue(char byte);
    bool beginString(bool isKey);
    bool beginCodePoint(std::uint8_t lead);
    bool openBracket(bool isObject);
    bool closeBracket(bool isObject);
    void endValue();
    bool isAtTop() const { return m_nesting.depth() == 1 && m_nesting.isInObject(); }

    JsonNesting m_nesting;
    std::size_t m_offset = 0;
    std::string_view m_literal; // what must still come of true, false or null
    State m_state = State::Start;
    Stop m_stop = Stop::OutOfBytes;
    bool m_inKey = false;
    std::uint8_t m_left = 0;   // digits of an escape, or bytes of a code point, still to come
    std::uint8_t m_lowest = 0; // bounds of the next byte of a code point
    std::uint8_t m_highest = 0;
};

} // namespace weir::llm
