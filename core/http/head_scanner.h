// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include <cstddef>
#include <string_view>

namespace weir::http {

/// Finds the end of a request head and refuses on the way what llhttp lets through: bare CR or LF, control
/// bytes, folded lines, heads and lines that are too long. Byte by byte, so how the bytes arrive makes no
/// difference.
class HeadScanner
{
public:
    HeadScanner() = default;
    /// One for the fields that end a chunked body: the same rules, without a request line.
    static HeadScanner forTrailers()
    {
        HeadScanner scanner;
        scanner.m_lines = 1;
        return scanner;
    }

    /// One for the head of a response. A status line is judged by whoever parses it.
    static HeadScanner forResponse()
    {
        HeadScanner scanner = forTrailers();
        scanner.m_statusLines = 1;
        return scanner;
    }

    /// Looks at more bytes of the same head. Returns how many of them belong to it; isComplete() tells
    /// whether its end was among them.
    base::Result<std::size_t> scan(std::string_view bytes);
    bool isComplete() const { return m_complete; }
    /// True before the first byte of a request line. Empty lines before it are skipped (RFC 9112 §2.2), but
    /// count towards HeadMax.
    bool isUntouched() const { return m_lines == 0 && m_lineSize == 0 && !m_afterCr; }
    void reset() { *this = HeadScanner(); }

private:
    std::size_t m_size = 0;
    std::size_t m_lineSize = 0;    // of the current line, without its end
    std::size_t m_lines = 0;       // ended ones; the first is the request line
    std::size_t m_statusLines = 0; // among them, besides the fields
    bool m_afterCr = false;
    bool m_afterBlank = false; // in the request line
    bool m_seenBlank = false;  // the method has ended
    bool m_complete = false;
};

} // namespace weir::http
