// SPDX-License-Identifier: GPL-3.0-or-later
// What JSON is (RFC 8259), word by word and slowly, to hold the fast readers against.
#pragma once
#include "json_reference_words.h"
#include "llm/limits.h"
#include <string>
#include <string_view>
#include <vector>

namespace weir::llm::reference {

struct Member
{
    std::string key; ///< without escapes
    std::size_t offset = 0;
    std::string_view value; ///< raw
};

/// A recursive descent over one text. The members of an object on top are kept in order.
class Parser : Cursor
{
public:
    explicit Parser(std::string_view text) : Cursor(text)
    {
        m_isValid = byteOrderMark() && blanks() && top() && blanks() && m_at == m_text.size();
    }

    bool isValid() const { return m_isValid; }
    bool isTooDeep() const { return m_isTooDeep; }
    bool isObject() const { return m_isObject; }
    std::size_t faultOffset() const { return m_at; }
    const std::vector<Member> &members() const { return m_members; }
    const Member *last(std::string_view key) const
    {
        const Member *found = nullptr;
        for (const Member &member : m_members)
            found = member.key == key ? &member : found;
        return found;
    }

private:
    bool byteOrderMark() { return !take(0xEF) || (take(0xBB) && take(0xBF)); }

    bool top()
    {
        m_isObject = next() == '{';
        return value(0);
    }

    bool value(std::size_t depth)
    {
        const int first = next();
        if (first == '{' || first == '[') {
            m_isTooDeep = depth == JsonNestingMax;
            return !m_isTooDeep && (first == '{' ? object(depth + 1) : array(depth + 1));
        }
        if (first == '"') {
            std::string ignored;
            return string(ignored);
        }
        if (first == 't' || first == 'f' || first == 'n')
            return word(first == 't' ? "true" : first == 'f' ? "false" : "null");
        return number();
    }

    bool object(std::size_t depth)
    {
        take('{');
        blanks();
        if (take('}'))
            return true;
        do {
            Member member;
            if (!blanks() || !string(member.key) || !blanks() || !take(':') || !blanks())
                return false;
            member.offset = m_at;
            if (!value(depth))
                return false;
            member.value = m_text.substr(member.offset, m_at - member.offset);
            if (depth == 1)
                m_members.push_back(member);
            blanks();
        } while (take(','));
        return take('}');
    }

    bool array(std::size_t depth)
    {
        take('[');
        blanks();
        if (take(']'))
            return true;
        do {
            if (!blanks() || !value(depth) || !blanks())
                return false;
        } while (take(','));
        return take(']');
    }

    bool word(std::string_view all)
    {
        for (const char letter : all) {
            if (!take(letter))
                return false;
        }
        return true;
    }

    bool digits()
    {
        if (!takeOneOf("0123456789"))
            return false;
        while (takeOneOf("0123456789")) {
        }
        return true;
    }

    bool number()
    {
        take('-');
        if (!take('0') && !digits())
            return false;
        if (take('.') && !digits())
            return false;
        if (!takeOneOf("eE"))
            return true;
        takeOneOf("+-");
        return digits();
    }

    bool m_isValid = false;
    bool m_isTooDeep = false;
    bool m_isObject = false;
    std::vector<Member> m_members;
};

} // namespace weir::llm::reference
