// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include "config/value.h"
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::config {

/// Longest text a setting takes, in bytes.
inline constexpr std::size_t TextMax = 2048;

/// Where a setting lives in its owner (Config, Provider, Alias or Price), and what it may be.
template<typename Owner, typename Number>
struct NumberPlace
{
    Number &(*of)(Owner &);
    std::int64_t min;
    std::int64_t max;
};
/// An amount of money: US dollars in the file, kept as micro-dollars.
template<typename Owner>
struct DollarsPlace
{
    std::int64_t &(*of)(Owner &);
};
/// A factor with up to three decimals, held in thousandths so that nothing is rounded; so are its bounds.
template<typename Owner>
struct FactorPlace
{
    int &(*of)(Owner &);
    int min;
    int max;
};
template<typename Owner>
struct FlagPlace
{
    bool &(*of)(Owner &);
};
template<typename Owner>
struct TextPlace
{
    std::string &(*of)(Owner &);
};
template<typename Owner>
struct ListPlace
{
    std::vector<std::string> &(*of)(Owner &);
};
/// One word of a few. A choice that this version knows but does not offer carries the reason.
template<typename Owner>
struct Choice
{
    std::string_view word;
    void (*take)(Owner &);
    std::string_view refusal = {};
};
template<typename Owner>
struct ChoicePlace
{
    std::span<const Choice<Owner>> choices;
};

template<typename Owner>
struct Setting
{
    std::string_view key; ///< "section.key", or the plain key within a [[provider]]
    std::variant<NumberPlace<Owner, int>, NumberPlace<Owner, std::int64_t>, DollarsPlace<Owner>,
                 FactorPlace<Owner>, FlagPlace<Owner>, TextPlace<Owner>, ListPlace<Owner>, ChoicePlace<Owner>>
        place;
    std::string_view meaning; ///< half a sentence, for lists of all settings
};

/// All settings but the providers', one line each.
std::span<const Setting<Config>> settings();
/// Those of a `[[provider]]` entry. `name` is first: who reads an entry has chosen its provider by it.
std::span<const Setting<Provider>> providerSettings();
/// Those of an `[[alias]]` entry.
std::span<const Setting<Alias>> aliasSettings();
/// Those of a `[[price]]` entry.
std::span<const Setting<Price>> priceSettings();

template<typename Owner>
const Setting<Owner> *find(std::span<const Setting<Owner>> table, std::string_view key)
{
    for (const Setting<Owner> &setting : table) {
        if (setting.key == key)
            return &setting;
    }
    return nullptr;
}

template<typename Owner>
std::vector<std::string_view> keysOf(std::span<const Setting<Owner>> table)
{
    std::vector<std::string_view> keys;
    for (const Setting<Owner> &setting : table)
        keys.push_back(setting.key);
    return keys;
}

/// Puts `value` in its place, or changes nothing. Returns "" or what is wrong, as the rest of a sentence:
/// "must be between 1 and 64, not 900".
template<typename Owner>
std::string assign(Owner &owner, const Setting<Owner> &setting, const Value &value);

/// Reads a text ("8484", "true", "a,b") as what the setting wants; a text that is not what it wants stays a
/// text.
template<typename Owner>
Value valueFromText(const Setting<Owner> &setting, std::string_view text);

} // namespace weir::config
