// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/usage.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::llm {

/// What a million tokens of each kind cost, in micro-dollars (millionths of a US dollar).
struct Price
{
    std::int64_t input = 0; ///< neither read from the provider's prompt cache nor written to it
    std::int64_t cachedInput = 0;
    std::int64_t cacheWrite = 0;   ///< kept for five minutes, or as long as the provider likes
    std::int64_t cacheWrite1h = 0; ///< kept for an hour
    std::int64_t output = 0;

    bool operator==(const Price &) const = default;
};

/// Which requests a price is for.
struct PriceRule
{
    std::string match;           ///< the whole model name; each * stands for any bytes, also none
    std::string provider;        ///< of that provider only; "" = of any
    std::int64_t promptOver = 0; ///< only where the input is larger than so many tokens
    Price price;
};

/// The prices that this version knows, each found on its provider's own list on ShippedPricesDate. They are
/// those of single requests at the standard tier: no batches, no subscription.
inline constexpr std::string_view ShippedPricesDate = "2026-11-05";
std::vector<PriceRule> shippedPrices();

/// What requests cost. The first rule that matches counts. Not thread-safe: it remembers which rules belong
/// to a model.
class PriceTable
{
public:
    /// Models that are remembered; a client may name as many as it likes.
    static constexpr std::size_t ModelsMax = 256;

    explicit PriceTable(std::vector<PriceRule> rules) : m_rules(std::move(rules)) {}

    /// In micro-dollars, rounded to the nearest once for the whole request; nullopt = no price is known, or
    /// no usage. Stops at CostMax.
    static constexpr std::int64_t CostMax = std::int64_t{1} << 50;
    std::optional<std::int64_t> cost(std::string_view provider, std::string_view model,
                                     const TokenUsage &usage);

    std::size_t knownModels() const { return m_known.size(); }

private:
    const std::vector<const PriceRule *> &rulesOf(std::string_view provider, std::string_view model);

    const std::vector<PriceRule> m_rules;
    std::unordered_map<std::string, std::vector<const PriceRule *>> m_known; // by provider/model
};

} // namespace weir::llm
