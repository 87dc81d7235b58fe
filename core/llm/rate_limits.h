// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/headers.h"
#include <string>
#include <string_view>
#include <vector>

namespace weir::llm {

/// One limit as a provider tells of it in the headers of a reply. Texts as they came: each vendor counts and
/// writes times in its own way.
struct RateLimit
{
    std::string name;        ///< of what: "requests", "input-tokens", "unified-5h"
    std::string limit;       ///< how much there is; "" if untold, as the others
    std::string remaining;   ///< how much of it is left
    std::string reset;       ///< when it is whole again: a time, or so long ("6m0s")
    std::string utilization; ///< how much of it is used, of 1
    std::string status;      ///< "allowed", "rejected"

    bool operator==(const RateLimit &) const = default;
};

/// Bounds of what is kept of them.
inline constexpr std::size_t RateLimitsMax = 16;
inline constexpr std::size_t RateLimitTextMax = 64;

/// Reads `anthropic-ratelimit-<name>-<part>` and `x-ratelimit-<part>-<name>` (docs.anthropic.com "Rate
/// limits"; platform.openai.com "Rate limits"), in the order in which their names first appear. Allocates
/// nothing where there are none.
std::vector<RateLimit> readRateLimits(const http::Headers &headers);

/// What a provider's own error code means, as half a sentence: those of Z.AI, which come with status 429 and
/// say what to do. "" for any other.
std::string_view meaningOfErrorCode(std::string_view code);

} // namespace weir::llm
