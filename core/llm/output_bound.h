// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::llm {

/// The most output that a request asks for, as the worst that any provider may make of its members. Servers
/// differ: they know different names, fold their letters, take the first or the last of two, round fractions,
/// read numbers out of strings, and some take 0 and less for "no limit". A value.
class OutputBound
{
public:
    /// Takes note of a member of the body's top-level object: its key without escapes, its value as it
    /// stands. Members that bound nothing are skipped.
    void note(std::string_view key, std::string_view value);
    /// Of how many texts in one request each has answers and a bound of its own (`prompt` of Completions).
    void notePrompts(std::int64_t count) { m_prompts = std::max(m_prompts, count); }

    /// Tokens of all choices together, in [1, TokensMax]; absent if no member bounds them, or one of them may
    /// be taken for "no limit".
    std::optional<std::int64_t> most() const;
    /// True if every provider reads most() so: all members that bound the output give the same number.
    bool isCertain() const { return most() && m_least == m_most; }
    /// How many answers are asked for, in [1, TokensMax].
    std::int64_t choices() const;

private:
    std::optional<std::int64_t> m_most; // of one answer
    std::optional<std::int64_t> m_least;
    std::int64_t m_choices = 1; // of one text
    std::int64_t m_prompts = 1;
    bool m_isOpen = false; // a member may mean "no limit"
};

/// True if some server takes `key` for `name`: letters in another case (Go's encoding/json folds them, and
/// with them U+017F and U+212A), other separators. `name` has small letters only, without separators.
bool mayBeNamed(std::string_view key, std::string_view name);

} // namespace weir::llm
