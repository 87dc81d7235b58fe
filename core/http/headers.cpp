// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/headers.h"

#include "http/name_set.h"
#include <algorithm>
#include <array>
#include <cstring>

namespace weir::http {

namespace {

constexpr char toLower(char character)
{
    return character >= 'A' && character <= 'Z' ? char(character + ('a' - 'A')) : character;
}

std::uint64_t wordAt(std::string_view text, std::size_t at)
{
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
}

/// Of a text of four to seven characters the first four and the last four.
std::uint64_t endsOf(std::string_view text)
{
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, text.data(), sizeof first);
    std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
    return std::uint64_t{first} << 32 | last;
}

/// Eight characters at once: the same but for the case of ASCII letters.
bool isSameWord(std::uint64_t left, std::uint64_t right)
{
    constexpr std::uint64_t Ones = 0x0101010101010101;
    constexpr std::uint64_t HighBits = 0x80 * Ones;
    constexpr std::uint64_t CaseBits = 0x20 * Ones;
    const std::uint64_t differ = left ^ right;
    if ((differ & ~CaseBits) != 0)
        return false;
    // The high bit of each byte that is a letter, in either case.
    const std::uint64_t lower = left | CaseBits;
    const std::uint64_t sevenBits = lower & ~HighBits;
    const std::uint64_t fromA = sevenBits + (0x80 - 'a') * Ones;
    const std::uint64_t afterZ = sevenBits + (0x80 - 'z' - 1) * Ones;
    const std::uint64_t letters = fromA & ~afterZ & ~lower & HighBits;
    return (differ & ~(letters >> 2)) == 0; // 0x80 >> 2 is the bit of the case
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

constexpr NameSet HopByHop(HopByHopNames);

} // namespace

bool equalsIgnoreCaseSameSize(std::string_view left, std::string_view right)
{
    constexpr std::size_t HalfSize = sizeof(std::uint32_t);
    constexpr std::size_t WordSize = sizeof(std::uint64_t);
    const std::size_t size = left.size();
    if (size < HalfSize) {
        return std::equal(left.begin(), left.end(), right.begin(),
                          [](char a, char b) { return a == b || toLower(a) == toLower(b); });
    }
    if (size < WordSize) // two halves, which overlap
        return isSameWord(endsOf(left), endsOf(right));
    for (std::size_t at = 0; at + WordSize < size; at += WordSize) {
        if (!isSameWord(wordAt(left, at), wordAt(right, at)))
            return false;
    }
    return isSameWord(wordAt(left, size - WordSize), wordAt(right, size - WordSize)); // overlaps
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

bool isAmong(std::span<const std::string_view> names, std::string_view name)
{
    for (const std::string_view one : names) { // std::any_of is unrolled: five times the code
        if (equalsIgnoreCase(one, name))
            return true;
    }
    return false;
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
    const auto isNamedSo = [&](const Span &span) {
        return span.nameSize == name.size() && equalsIgnoreCase(fieldAt(span).name, name);
    };
    const auto first = std::find_if(m_spans.begin(), m_spans.end(), isNamedSo);
    if (first == m_spans.end()) {
        add(name, value);
        return;
    }
    m_spans.erase(std::remove_if(first + 1, m_spans.end(), isNamedSo), m_spans.end());
    if (value.size() > first->valueSize) {
        first->valueAt = std::uint32_t(m_bytes.size());
        m_bytes.append(value);
    } else { // in its place, without growing
        m_bytes.replace(first->valueAt, value.size(), value);
    }
    first->valueSize = std::uint32_t(value.size());
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

std::vector<std::string_view> Headers::namedByConnection() const
{
    constexpr std::string_view Name = "connection";
    std::vector<std::string_view> named;
    for (const Span &span : m_spans) {
        if (span.nameSize == Name.size() && equalsIgnoreCase(fieldAt(span).name, Name))
            forEachElement(fieldAt(span).value, [&](std::string_view element) {
                if (!isHopByHop(element)) // "keep-alive", as nearly always
                    named.push_back(element);
            });
    }
    return named;
}

void Headers::removeHopByHop()
{
    const std::vector<std::string_view> named = namedByConnection();
    removeIf([&named](Field field) { return isHopByHop(field.name) || isAmong(named, field.name); });
}

} // namespace weir::http
