// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/rate_limits.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::llm {

namespace {

constexpr std::string_view Anthropic = "anthropic-ratelimit-";
constexpr std::string_view OpenAi = "x-ratelimit-";

using Part = std::string RateLimit::*;
constexpr std::array<std::pair<std::string_view, Part>, 5> Parts{{
    {"limit", &RateLimit::limit},
    {"remaining", &RateLimit::remaining},
    {"reset", &RateLimit::reset},
    {"utilization", &RateLimit::utilization},
    {"status", &RateLimit::status},
}};

Part partNamed(std::string_view word)
{
    for (const auto &[name, part] : Parts) {
        if (http::equalsIgnoreCase(name, word))
            return part;
    }
    return nullptr;
}

/// What a field is about; `part` is null if it is none of these.
struct Field
{
    std::string_view name;
    Part part = nullptr;
};

Field takeApart(std::string_view field)
{
    const auto begins = [&](std::string_view prefix) {
        return field.size() > prefix.size() && http::equalsIgnoreCase(field.substr(0, prefix.size()), prefix);
    };
    if (begins(Anthropic)) { // name-part
        field.remove_prefix(Anthropic.size());
        const std::size_t dash = field.rfind('-');
        if (dash == std::string_view::npos)
            return {};
        return {field.substr(0, dash), partNamed(field.substr(dash + 1))};
    }
    if (begins(OpenAi)) { // part-name
        field.remove_prefix(OpenAi.size());
        const std::size_t dash = field.find('-');
        if (dash == std::string_view::npos)
            return {};
        return {field.substr(dash + 1), partNamed(field.substr(0, dash))};
    }
    return {};
}

} // namespace

std::vector<RateLimit> readRateLimits(const http::Headers &headers)
{
    std::vector<RateLimit> limits;
    for (const http::Headers::Field field : headers) {
        const auto [name, part] = takeApart(field.name);
        if (!part || name.empty() || name.size() > RateLimitTextMax || field.value.size() > RateLimitTextMax)
            continue;
        auto found = std::find_if(limits.begin(), limits.end(), [name = name](const RateLimit &limit) {
            return http::equalsIgnoreCase(limit.name, name);
        });
        if (found == limits.end()) {
            if (limits.size() == RateLimitsMax)
                continue;
            limits.emplace_back().name = name;
            found = limits.end() - 1;
        }
        (*found).*part = field.value;
    }
    return limits;
}

std::string_view meaningOfErrorCode(std::string_view code)
{
    // docs.z.ai, "Error codes".
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> Meanings{{
        {"1113", "the account has no balance"},
        {"1302", "too many requests at the same time"},
        {"1303", "too many requests in a short time"},
        {"1304", "the daily limit is reached"},
        {"1305", "the provider has too much traffic"},
        {"1308", "the plan's window is used up"},
        {"1309", "the plan has expired"},
        {"1310", "the weekly or monthly limit is reached"},
        {"1311", "the model is not in the plan"},
        {"1312", "the model is busy"},
        {"1313", "the fair use limit is reached"},
    }};
    for (const auto &[known, meaning] : Meanings) {
        if (known == code)
            return meaning;
    }
    return {};
}

} // namespace weir::llm
