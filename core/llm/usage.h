// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>

namespace weir::llm {

/// Largest token count believed; an upstream that claims more is clamped.
inline constexpr std::int64_t TokensMax = std::int64_t{1} << 40;

/// Tokens of one exchange as the provider reported them. Every count lies in [0, TokensMax].
struct TokenUsage
{
    std::int64_t input = 0;        ///< all input tokens, the cached ones included
    std::int64_t cachedInput = 0;  ///< part of `input` read from the provider's prompt cache
    std::int64_t cacheWrite = 0;   ///< part of `input` written to the provider's prompt cache
    std::int64_t output = 0;       ///< all output tokens, reasoning included
    std::int64_t reasoning = 0;    ///< part of `output`
    bool known = false;            ///< false: the provider reported nothing (or it could not be read)
    std::int64_t cacheWrite1h = 0; ///< part of `cacheWrite` that is kept for an hour, and costs more
    bool isRounded = false;        ///< the provider told a fraction, so that the numbers are near the truth

    bool operator==(const TokenUsage &) const = default;
};

} // namespace weir::llm
