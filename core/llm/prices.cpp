// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/prices.h"

#include "llm/model_rule.h"
#include <algorithm>
#include <array>

namespace weir::llm {

namespace {

constexpr std::int64_t Million = 1'000'000;

struct Row
{
    std::string_view provider;
    std::string_view model; ///< dated versions of it ("…-20250929", "…-2026-03-05") cost the same
    double input, cachedInput, cacheWrite, cacheWrite1h, output; ///< dollars
    std::int64_t promptOver = 0;
};

// Sources: platform.claude.com/docs/en/about-claude/pricing, developers.openai.com/api/docs/pricing,
// docs.z.ai/guides/overview/pricing. Where a provider takes nothing extra for writing to its cache, those
// tokens cost what input costs. A model that is not here has no price, and none is guessed. Of rows for one
// model that for long prompts stands first.
// clang-format off
constexpr std::array Rows{
    Row{"anthropic", "claude-fable-5-1", 10, 0.25, 12.50, 20, 50},
    Row{"anthropic", "claude-fable-5", 10, 1, 12.50, 20, 50},
    Row{"anthropic", "claude-opus-5-5", 4, 0.20, 5, 8, 20},
    Row{"anthropic", "claude-opus-5", 5, 0.50, 6.25, 10, 25},
    Row{"anthropic", "claude-opus-4-8", 5, 0.50, 6.25, 10, 25},
    Row{"anthropic", "claude-opus-4-7", 5, 0.50, 6.25, 10, 25},
    Row{"anthropic", "claude-opus-4-6", 5, 0.50, 6.25, 10, 25},
    Row{"anthropic", "claude-opus-4-5", 5, 0.50, 6.25, 10, 25},
    Row{"anthropic", "claude-opus-4-1", 15, 1.50, 18.75, 30, 75},
    Row{"anthropic", "claude-opus-4", 15, 1.50, 18.75, 30, 75},
    Row{"anthropic", "claude-sonnet-5-5", 2, 0.10, 2.50, 4, 10},
    Row{"anthropic", "claude-sonnet-5", 2, 0.20, 2.50, 4, 10},
    Row{"anthropic", "claude-sonnet-4-6", 3, 0.30, 3.75, 6, 15},
    Row{"anthropic", "claude-sonnet-4-5", 3, 0.30, 3.75, 6, 15},
    Row{"anthropic", "claude-haiku-5-5", 0.50, 0.05, 0.625, 1, 2.50, 100'000},
    Row{"anthropic", "claude-haiku-5-5", 0.10, 0.01, 0.125, 0.20, 0.50},
    Row{"anthropic", "claude-haiku-4-5", 1, 0.10, 1.25, 2, 5},
    Row{"openai", "gpt-5.5-pro", 30, 30, 30, 30, 180},
    Row{"openai", "gpt-5.4-mini", 0.75, 0.075, 0.75, 0.75, 4.50},
    Row{"openai", "gpt-5.4-nano", 0.20, 0.02, 0.20, 0.20, 1.25},
    Row{"openai", "gpt-5.1", 1.25, 0.125, 1.25, 1.25, 10},
    Row{"openai", "gpt-5.1-codex", 1.25, 0.125, 1.25, 1.25, 10},
    Row{"openai", "gpt-5", 1.25, 0.125, 1.25, 1.25, 10},
    Row{"openai", "gpt-5-codex", 1.25, 0.125, 1.25, 1.25, 10},
    Row{"openai", "gpt-5-mini", 0.25, 0.025, 0.25, 0.25, 2},
    Row{"openai", "gpt-5-nano", 0.05, 0.005, 0.05, 0.05, 0.40},
    Row{"openai", "gpt-4.1", 2, 0.50, 2, 2, 8},
    Row{"openai", "gpt-4.1-mini", 0.40, 0.10, 0.40, 0.40, 1.60},
    Row{"openai", "gpt-4.1-nano", 0.10, 0.025, 0.10, 0.10, 0.40},
    Row{"openai", "gpt-4o", 2.50, 1.25, 2.50, 2.50, 10},
    Row{"openai", "gpt-4o-mini", 0.15, 0.075, 0.15, 0.15, 0.60},
    Row{"openai", "text-embedding-3-small", 0.02, 0.02, 0.02, 0.02, 0},
    Row{"openai", "text-embedding-3-large", 0.13, 0.13, 0.13, 0.13, 0},
    Row{"zai", "glm-5.3", 1.40, 0.26, 1.40, 1.40, 4.40},
    Row{"zai", "glm-5.2", 1.40, 0.26, 1.40, 1.40, 4.40},
    Row{"zai", "glm-5", 1, 0.20, 1, 1, 3.20},
    Row{"zai", "glm-4.7", 0.60, 0.11, 0.60, 0.60, 2.20},
    Row{"zai", "glm-4.6", 0.60, 0.11, 0.60, 0.60, 2.20},
    Row{"zai", "glm-4.5", 0.60, 0.11, 0.60, 0.60, 2.20},
    Row{"zai", "glm-4.5-air", 0.20, 0.03, 0.20, 0.20, 1.10},
};
// clang-format on

constexpr std::int64_t micros(double dollars)
{
    return std::int64_t(dollars * double(Million) + 0.5);
}

/// Adds up parts of one request. Millions and the rest apart: their product would not fit.
class Sum
{
public:
    void add(std::int64_t tokens, std::int64_t price)
    {
        m_micros += tokens / Million * price;
        m_millionths += tokens % Million * price;
    }
    std::int64_t micros() const { return m_micros + (m_millionths + Million / 2) / Million; }

private:
    std::int64_t m_micros = 0;
    std::int64_t m_millionths = 0; // of a micro-dollar
};

} // namespace

std::vector<PriceRule> shippedPrices()
{
    std::vector<PriceRule> rules;
    for (const Row &row : Rows) {
        const Price price{micros(row.input), micros(row.cachedInput), micros(row.cacheWrite),
                          micros(row.cacheWrite1h), micros(row.output)};
        for (const char *version : {"", "-20*"}) {
            rules.push_back(
                {std::string(row.model) + version, std::string(row.provider), row.promptOver, price});
        }
    }
    return rules;
}

const std::vector<const PriceRule *> &PriceTable::rulesOf(std::string_view provider, std::string_view model)
{
    std::string key(provider);
    key += '/'; // no provider's name holds one
    key += model;
    const auto known = m_known.find(key);
    if (known != m_known.end())
        return known->second;
    if (m_known.size() >= ModelsMax)
        m_known.clear(); // nobody uses so many; who makes them up only slows down this
    std::vector<const PriceRule *> found;
    for (const PriceRule &rule : m_rules) {
        if ((rule.provider.empty() || rule.provider == provider) && matchesPattern(rule.match, model))
            found.push_back(&rule);
    }
    return m_known.emplace(std::move(key), std::move(found)).first->second;
}

std::optional<std::int64_t> PriceTable::cost(std::string_view provider, std::string_view model,
                                             const TokenUsage &usage)
{
    if (!usage.known || model.empty())
        return std::nullopt;
    const auto &rules = rulesOf(provider, model);
    const auto chosen = std::find_if(rules.begin(), rules.end(), [&](const PriceRule *rule) {
        return rule->promptOver == 0 || usage.input > rule->promptOver;
    });
    if (chosen == rules.end())
        return std::nullopt;
    const Price &price = (*chosen)->price;
    const std::int64_t write1h = std::min(usage.cacheWrite1h, usage.cacheWrite);
    const std::int64_t fresh = usage.input - usage.cachedInput - usage.cacheWrite;
    Sum sum;
    sum.add(std::max<std::int64_t>(fresh, 0), price.input);
    sum.add(usage.cachedInput, price.cachedInput);
    sum.add(usage.cacheWrite - write1h, price.cacheWrite);
    sum.add(write1h, price.cacheWrite1h);
    sum.add(usage.output, price.output);
    return std::min(sum.micros(), CostMax);
}

} // namespace weir::llm
