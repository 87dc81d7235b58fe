// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/json_nesting.h"
#include "llm/limits.h"
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace weir::llm {

/// Gathers one JSON text as it passes, however it is cut. A large one is shortened on the way to what names
/// and numbers can stand in, so that an image of megabytes beside them costs little: long strings keep their
/// beginning, lists of plain values their first one, and what nests deeper than DepthKept is emptied. What is
/// JSON stays JSON; what breaks off stays open.
class CondensedJson
{
public:
    /// A text of up to so many bytes is kept as it is.
    static constexpr std::size_t CondensedFrom = 256 * 1024;
    /// A string that is cut stays longer than any name that is believed, so that it is taken for none.
    static constexpr std::size_t StringKept = ModelTextMax + 12;
    /// Usage in the details of a choice of a reply inside an event lies six brackets deep.
    static constexpr std::size_t DepthKept = 8;

    explicit CondensedJson(std::size_t condensedFrom = CondensedFrom) : m_from(condensedFrom) {}

    void append(std::string_view bytes);
    /// Borrowed until the next call.
    std::string_view text() const { return m_text; }
    /// Bytes that were appended, in any case at least those of text().
    std::size_t size() const { return m_size; }
    /// Empties it, and gives the memory of a large text back.
    void clear();

private:
    /// Where in the text the shortening is. Made when a text turns out to be large.
    struct Place
    {
        JsonNesting nesting;
        std::size_t silentFrom = 0; // what lies at this depth or deeper is left out; 0 = nothing is
        std::size_t stringRoom = 0; // bytes that may still be kept of this string
        std::string escape;         // of which the rest has not come
        bool isInString = false;
        bool isCut = false;        // of this string nothing more is kept
        bool isPlainValue = false; // the last value was neither an object nor a list
        bool isTooDeep = false;    // what follows is left out, so that the text stays open
    };

    void condense(std::string_view bytes);
    std::size_t inString(std::string_view bytes, std::size_t at, std::size_t &quote);
    std::size_t outside(std::string_view bytes, std::size_t at);
    void open(char bracket);
    void close(char bracket);
    void keep(std::string_view bytes, bool isWhole);

    const std::size_t m_from;
    std::string m_text;
    std::size_t m_size = 0;
    std::unique_ptr<Place> m_place;
};

} // namespace weir::llm
