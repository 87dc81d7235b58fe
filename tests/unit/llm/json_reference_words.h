// SPDX-License-Identifier: GPL-3.0-or-later
// The words of JSON (RFC 8259), one by one and slowly, for json_reference.h.
#pragma once
#include <array>
#include <cstdint>
#include <QString>
#include <string>
#include <string_view>
#include <utility>

namespace weir::llm::reference {

/// Reads words off the front of a text. False: m_at is at the byte that cannot stand there.
class Cursor
{
public:
    explicit Cursor(std::string_view text) : m_text(text) {}

protected:
    int next() const { return m_at < m_text.size() ? std::uint8_t(m_text[m_at]) : -1; }
    bool take(int byte) { return next() == byte && ++m_at; }
    bool takeOneOf(std::string_view bytes)
    {
        return next() >= 0 && bytes.find(char(next())) != std::string_view::npos && ++m_at;
    }
    bool blanks()
    {
        while (takeOneOf(" \t\r\n")) {
        }
        return true;
    }

    bool string(std::string &text)
    {
        if (!take('"'))
            return false;
        char32_t high = 0; // a surrogate that waits for its other half
        const auto giveUpHigh = [&] {
            if (std::exchange(high, 0))
                append(text, 0xFFFD);
        };
        while (true) {
            const std::size_t first = m_at;
            if (take('"')) {
                giveUpHigh();
                return true;
            }
            if (!take('\\')) {
                giveUpHigh();
                if (next() < 0x20 || (next() < 0x80 ? !++m_at : !codePoint()))
                    return false;
                text += m_text.substr(first, m_at - first);
                continue;
            }
            char32_t unit = 0;
            if (!escape(unit))
                return false;
            const bool isLow = unit >= 0xDC00 && unit <= 0xDFFF;
            if (high && isLow) {
                append(text, 0x10000 + (std::exchange(high, 0) - 0xD800) * 0x400 + unit - 0xDC00);
                continue;
            }
            giveUpHigh();
            if (unit >= 0xD800 && unit <= 0xDBFF)
                high = unit;
            else
                append(text, isLow ? 0xFFFD : unit);
        }
    }

private:
    bool escape(char32_t &unit)
    {
        constexpr std::string_view Names = "\"\\/bfnrt";
        constexpr std::string_view Bytes = "\"\\/\b\f\n\r\t";
        if (const int name = next(); takeOneOf(Names)) {
            unit = char32_t(Bytes[Names.find(char(name))]);
            return true;
        }
        if (!take('u'))
            return false;
        for (int left = 4; left > 0; --left) {
            const int digit = next();
            if (!takeOneOf("0123456789abcdefABCDEF"))
                return false;
            unit = unit * 16 + char32_t(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }
        return true;
    }

    static void append(std::string &text, char32_t point)
    {
        text += QString::fromUcs4(&point, 1).toStdString();
    }

    /// One code point of the well-formed sequences (Unicode, table 3-7).
    bool codePoint()
    {
        struct Row
        {
            int low, high, secondLow, secondHigh, more;
        };
        static constexpr std::array Rows{Row{0xC2, 0xDF, 0x80, 0xBF, 0}, Row{0xE0, 0xE0, 0xA0, 0xBF, 1},
                                         Row{0xE1, 0xEC, 0x80, 0xBF, 1}, Row{0xED, 0xED, 0x80, 0x9F, 1},
                                         Row{0xEE, 0xEF, 0x80, 0xBF, 1}, Row{0xF0, 0xF0, 0x90, 0xBF, 2},
                                         Row{0xF1, 0xF3, 0x80, 0xBF, 2}, Row{0xF4, 0xF4, 0x80, 0x8F, 2}};
        for (const Row &row : Rows) {
            if (next() < row.low || next() > row.high)
                continue;
            ++m_at;
            if (next() < row.secondLow || next() > row.secondHigh)
                return false;
            ++m_at;
            for (int more = 0; more < row.more; ++more, ++m_at) {
                if (next() < 0x80 || next() > 0xBF)
                    return false;
            }
            return true;
        }
        return false;
    }

protected:
    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace weir::llm::reference
