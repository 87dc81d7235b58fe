// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::http {

/// The same but for the case of ASCII letters; both of the same size.
bool equalsIgnoreCaseSameSize(std::string_view left, std::string_view right);

/// ASCII case-insensitive comparison, as RFC 9110 §5.1 asks for field names. Inline, because most names that
/// are compared differ in size already, and nearly all others at one of their ends.
inline bool equalsIgnoreCase(std::string_view left, std::string_view right)
{
    if (left.size() != right.size())
        return false;
    if (left.empty())
        return true;
    constexpr unsigned CaseBit = 0x20; // all that two spellings of a letter differ in
    const unsigned differ = unsigned(left.front() ^ right.front()) | unsigned(left.back() ^ right.back());
    return (differ & ~CaseBit) == 0 && equalsIgnoreCaseSameSize(left, right);
}

/// True for a token (RFC 9110 §5.6.2): what a field name may consist of.
bool isValidFieldName(std::string_view name);

/// Fields that belong to one connection only (RFC 9110 §7.6.1). Connection may name more of them.
inline constexpr std::array<std::string_view, 9> HopByHopNames{
    "connection", "keep-alive",        "proxy-connection", "proxy-authenticate", "proxy-authorization", "te",
    "trailer",    "transfer-encoding", "upgrade"};
bool isHopByHop(std::string_view name);

/// True if `name` is one of `names`, as field names are compared.
bool isAmong(std::span<const std::string_view> names, std::string_view name);

/// True if every byte is HTAB, 0x20–0x7E or 0x80–0xFF: nothing that could start a new line or end a string.
bool isValidFieldValue(std::string_view value);

/// Header fields in the order in which they came, names as they were spelled, repeated names kept apart.
/// All bytes lie in one buffer, so a head of 30 fields costs two allocations. A value type.
class Headers
{
public:
    struct Field
    {
        std::string_view name; ///< borrowed until the Headers change
        std::string_view value;
    };

    class Iterator;

    /// Appends a field. The caller has validated name and value where they come from outside.
    void add(std::string_view name, std::string_view value);
    /// Gives the first field of this name that value and removes the others; appends one if there is none.
    void set(std::string_view name, std::string_view value);
    /// Removes every field of this name; returns how many there were.
    std::size_t remove(std::string_view name);

    /// Removes every field for which `isUnwanted(Field)` is true, in one pass; returns how many there were.
    template<typename Predicate>
    std::size_t removeIf(Predicate isUnwanted)
    {
        return std::erase_if(m_spans, [&](const Span &span) { return isUnwanted(fieldAt(span)); });
    }

    /// Value of the first field of this name. Borrowed until the Headers change.
    std::optional<std::string_view> find(std::string_view name) const;
    bool contains(std::string_view name) const { return find(name).has_value(); }
    std::size_t count(std::string_view name) const;
    /// True if a comma-separated list field of this name (all its occurrences) holds `token`, ignoring case.
    bool listContains(std::string_view name, std::string_view token) const;

    /// The fields that Connection names, without those of HopByHopNames ("keep-alive", as nearly always).
    /// Borrowed until fields are added: the bytes of a removed field stay where they are.
    std::vector<std::string_view> namedByConnection() const;
    /// Removes the fields that belong to one connection only: HopByHopNames, and what Connection names.
    void removeHopByHop();

    Field at(std::size_t index) const { return fieldAt(m_spans[index]); }
    std::size_t size() const { return m_spans.size(); }
    bool empty() const { return m_spans.empty(); }
    Iterator begin() const;
    Iterator end() const;

private:
    struct Span
    {
        std::uint32_t nameAt;
        std::uint32_t nameSize;
        std::uint32_t valueAt;
        std::uint32_t valueSize;
    };

    static Field fieldOf(const char *bytes, const Span &span)
    {
        return {{bytes + span.nameAt, span.nameSize}, {bytes + span.valueAt, span.valueSize}};
    }
    Field fieldAt(const Span &span) const { return fieldOf(m_bytes.data(), span); }

    std::string m_bytes; // name and value of each field, one after the other; removed fields leave a hole
    std::vector<Span> m_spans;
};

class Headers::Iterator
{
public:
    Field operator*() const { return fieldOf(m_bytes, *m_span); }
    Iterator &operator++()
    {
        ++m_span;
        return *this;
    }
    bool operator==(const Iterator &other) const { return m_span == other.m_span; }

private:
    friend class Headers;
    Iterator(const char *bytes, const Span *span) : m_bytes(bytes), m_span(span) {}

    const char *m_bytes;
    const Span *m_span;
};

inline Headers::Iterator Headers::begin() const
{
    return {m_bytes.data(), m_spans.data()};
}

inline Headers::Iterator Headers::end() const
{
    return {m_bytes.data(), m_spans.data() + m_spans.size()};
}

} // namespace weir::http
