// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/output_bound.h"

#include "llm/json_string.h"
#include "llm/usage.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace weir::llm {

namespace {

/// Names without separators: OpenAI's, Anthropic's, and those of local servers (llama.cpp, Ollama, TGI).
constexpr std::array<std::string_view, 8> BoundNames{"maxtokens",    "maxcompletiontokens", "maxoutputtokens",
                                                     "maxnewtokens", "maxtokenstosample",   "maxlength",
                                                     "npredict",     "numpredict"};
/// Each answer has the bound for itself.
constexpr std::array<std::string_view, 2> ChoiceNames{"n", "bestof"};

/// True if one of the names above may begin so: most keys of a body are told by it.
bool mayBeAnyOf(std::string_view key)
{
    switch (key.empty() ? '\0' : key.front()) {
    case 'm':
    case 'M':
    case 'n':
    case 'N':
    case 'b':
    case 'B':
    case '_':
    case '-':
        return true;
    default:
        return false;
    }
}

/// The long s and the Kelvin sign in UTF-8, which fold to letters.
constexpr std::string_view LongS = "\xC5\xBF";
constexpr std::string_view Kelvin = "\xE2\x84\xAA";

template<std::size_t Count>
bool isAmong(const std::array<std::string_view, Count> &names, std::string_view key)
{
    return std::any_of(names.begin(), names.end(),
                       [key](std::string_view name) { return mayBeNamed(key, name); });
}

/// How the vendors' own clients spell it, so nearly always.
bool isBoundAsDocumented(std::string_view key)
{
    return key == "max_tokens" || key == "max_completion_tokens" || key == "max_output_tokens";
}

/// The number that a provider may read, rounded up; absent if it is none. What is no finite number is the
/// largest.
std::optional<std::int64_t> worstNumber(std::string_view value)
{
    std::int64_t whole = 0;
    const auto [wholeEnd, wholeProblem] = std::from_chars(value.data(), value.data() + value.size(), whole);
    if (wholeProblem == std::errc() && wholeEnd == value.data() + value.size()) // nothing to round
        return std::clamp<std::int64_t>(whole, 0, TokensMax);
    std::string text(value);
    if (value.size() >= 2 && value.front() == '"')
        text = unescaped(value.substr(1, value.size() - 2));
    const std::size_t first = std::min(text.find_first_not_of(" \t\r\n+"), text.size());
    double number = 0;
    const auto [end, problem] = std::from_chars(text.data() + first, text.data() + text.size(), number);
    if (problem == std::errc::invalid_argument)
        return value == "true" ? std::optional<std::int64_t>(1) : std::nullopt;
    const bool isNegative = text[first] == '-';
    if (problem == std::errc::result_out_of_range) // too large, or too near to zero
        return isNegative ? 0 : TokensMax;
    if (!std::isfinite(number))
        return TokensMax;
    return std::int64_t(std::clamp(std::ceil(number), 0.0, double(TokensMax)));
}

/// Of two numbers in [0, TokensMax], at most TokensMax.
std::int64_t product(std::int64_t one, std::int64_t other)
{
    return other > 0 && one > TokensMax / other ? TokensMax : one * other;
}

} // namespace

bool mayBeNamed(std::string_view key, std::string_view name)
{
    while (!key.empty()) {
        char letter = key.front();
        std::size_t size = 1;
        if (key.starts_with(LongS)) {
            letter = 's';
            size = LongS.size();
        } else if (key.starts_with(Kelvin)) {
            letter = 'k';
            size = Kelvin.size();
        } else if (letter >= 'A' && letter <= 'Z') {
            letter = char(letter + ('a' - 'A'));
        }
        key.remove_prefix(size);
        if (letter == '_' || letter == '-')
            continue;
        if (name.empty() || name.front() != letter)
            return false;
        name.remove_prefix(1);
    }
    return name.empty();
}

void OutputBound::note(std::string_view key, std::string_view value)
{
    if (!mayBeAnyOf(key) || value == "null") // which is as if it were not there
        return;
    const bool isDocumented = isBoundAsDocumented(key);
    if (!isDocumented && isAmong(ChoiceNames, key)) {
        m_choices = std::max(m_choices, worstNumber(value).value_or(1));
        return;
    }
    if (!isDocumented && !isAmong(BoundNames, key))
        return;
    const std::optional<std::int64_t> number = worstNumber(value);
    m_isOpen = m_isOpen || number.value_or(0) <= 0;
    m_most = std::max(m_most.value_or(0), number.value_or(0));
    m_least = std::min(m_least.value_or(TokensMax), number.value_or(0));
}

std::optional<std::int64_t> OutputBound::most() const
{
    if (m_isOpen || !m_most)
        return std::nullopt;
    return product(*m_most, choices());
}

std::int64_t OutputBound::choices() const
{
    return product(m_choices, m_prompts);
}

} // namespace weir::llm
