// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <simdjson.h>
#include <span>
#include <string_view>

namespace weir::llm {

/// Where the tokens of a JSON text begin, found by simdjson's first stage: several GB/s, with the
/// instructions that this machine has. The stage also checks UTF-8, that strings are closed and free of
/// control characters.
///
/// Only the stage is used, not simdjson's own walk over it: On Demand wants padding behind the text, which
/// means copying it, looks neither into values that it skips nor at how deep they nest, and cannot say where
/// a value lies. The members used (`stage1`, `structural_indexes`) are public, though meant for simdjson's
/// own parsers; no other file knows them.
///
/// One per thread, used again and again.
class JsonIndex
{
public:
    /// A larger text's index is given back by release(): it takes up to five bytes for each byte of text.
    static constexpr std::size_t KeptBytesMax = 256 * 1024;

    static JsonIndex &ofThisThread();

    /// Offsets of the tokens in order: brackets, colons, commas, opening quotes, first characters of numbers
    /// and words. Empty if the text is no JSON, or too large for the stage (4 GB) or for the memory. Needs no
    /// padding behind `json`. Lives until the next call.
    std::span<const std::uint32_t> tokensOf(std::string_view json);
    void release();
    std::size_t capacity() const { return m_stage ? m_stage->capacity() : 0; }

private:
    std::unique_ptr<simdjson::internal::dom_parser_implementation> m_stage;
};

} // namespace weir::llm
