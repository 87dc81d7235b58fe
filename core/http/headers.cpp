// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/headers.h"

#include "http/name_set.h"
#include <algorithm>
#include <array>

namespace weir::http {

namespace {

constexpr char toLower(char character)
{
    return character >= 'A' && character <= 'Z' ? char(character + ('a' - 'A')) : character;
}

/// tchar of RFC 9110 §5.6.2, one flag per byte.
constexpr std::array<bool, 256> makeTokenTable()
{
    std::array<bool, 256> table{};
    for (int character = '0'; character <= '9'; ++character)
        table[std::size_t(character)] = true;
    for (int character = 'a'; character <= 'z'; ++character)
        table[std::size_t(character)] = true;
    for (int character = 'A'; character <= 'Z'; ++character)
        table[std::size_t(character)] = true;
    for (const char character : std::string_view("!#$%&'*+-.^_`|~"))
        table[std::size_t(static_cast<unsigned char>(character))] = true;
    return table;
}
constexpr std::array<bool, 256> TokenTable = makeTokenTable();

std::string_view trimmed(std::string_view text)
{
    const auto isSpace = [](char character) { return character == ' ' || character == '\t'; };
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

/// Calls `visit(element)` for each non-empty element of a comma-separated list.
template<typename Visit>
void forEachElement(std::string_view list, Visit visit)
{
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (const std::string_view element = trimmed(list.substr(0, comma)); !element.empty())
            visit(element);
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

constexpr NameSet HopByHop(std::array<std::string_view, 9>{"connection", "keep-alive", "proxy-connection",
                                                           "proxy-authenticate", "proxy-authorization", "te",
                                                           "trailer", "transfer-encoding", "upgrade"});

} // namespace

bool equalsIgnoreCaseSameSize(std::string_view left, std::string_view right)
{
    return std::equal(left.begin(), left.end(), right.begin(),
                      [](char a, char b) { return a == b || toLower(a) == toLower(b); });
}

bool isValidFieldName(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char character) {
        return TokenTable[static_cast<unsigned char>(character)];
    });
}

bool isValidFieldValue(std::string_view value)
{
    return std::all_of(value.begin(), value.end(), [](char character) {
        const auto byte = static_cast<unsigned char>(character);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    });
}

bool isHopByHop(std::string_view name)
{
    return HopByHop.contains(name);
}

void Headers::add(std::string_view name, std::string_view value)
{
    const auto nameAt = std::uint32_t(m_bytes.size());
    m_bytes.append(name);
    m_bytes.append(value);
    m_spans.push_back({nameAt, std::uint32_t(name.size()), std::uint32_t(nameAt + name.size()),
                       std::uint32_t(value.size())});
}

void Headers::set(std::string_view name, std::string_view value)
{
    remove(name);
    add(name, value);
}

std::size_t Headers::remove(std::string_view name)
{
    return removeIf([name](Field field) { return equalsIgnoreCase(field.name, name); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const
{
    for (const Span &span : m_spans) {
        if (span.nameSize == name.size() && equalsIgnoreCase(fieldAt(span).name, name))
            return fieldAt(span).value;
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const
{
    return std::size_t(std::count_if(m_spans.begin(), m_spans.end(), [&](const Span &span) {
        return span.nameSize == name.size() && equalsIgnoreCase(fieldAt(span).name, name);
    }));
}

bool Headers::listContains(std::string_view name, std::string_view token) const
{
    bool found = false;
    for (const Field field : *this) {
        if (equalsIgnoreCase(field.name, name))
            forEachElement(field.value,
                           [&](std::string_view element) { found |= equalsIgnoreCase(element, token); });
    }
    return found;
}

void Headers::removeHopByHop()
{
    // What Connection names goes too. The bytes of a removed field stay where they are, and so do the views.
    std::vector<std::string_view> named;
    for (const Field field : *this) {
        if (equalsIgnoreCase(field.name, "connection"))
            forEachElement(field.value, [&](std::string_view element) {
                if (!isHopByHop(element)) // "keep-alive", as nearly always
                    named.push_back(element);
            });
    }
    removeIf([&named](Field field) {
        if (named.empty())
            return isHopByHop(field.name);
        return isHopByHop(field.name) || std::any_of(named.begin(), named.end(), [&](std::string_view name) {
                   return equalsIgnoreCase(field.name, name);
               });
    });
}

} // namespace weir::http
