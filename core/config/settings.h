// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::config {

/// A value as a file or a command line gives it.
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

/// Where a setting lives in the Config, and what it may be.
struct IntegerPlace
{
    int &(*of)(Config &);
    std::int64_t min;
    std::int64_t max;
};
struct BytesPlace
{
    std::int64_t &(*of)(Config &);
    std::int64_t min;
    std::int64_t max;
};
struct BoolPlace
{
    bool &(*of)(Config &);
};
struct TextPlace
{
    std::string &(*of)(Config &);
};
struct ListPlace
{
    std::vector<std::string> &(*of)(Config &);
};

struct Setting
{
    std::string_view key; ///< "section.key"
    std::variant<IntegerPlace, BytesPlace, BoolPlace, TextPlace, ListPlace> place;
};

/// All settings but the providers', one line each.
std::span<const Setting> settings();
const Setting *findSetting(std::string_view key);
/// The known key that `key` was probably meant to be; "" if none is near.
std::string_view nearestKey(std::string_view key, std::span<const std::string_view> keys);

/// Puts `value` in its place. Returns "" or what is wrong, as the rest of a sentence: "must be between 1 and
/// 64, not 900".
std::string assign(Config &config, const Setting &setting, const Value &value);
/// Keys of a `[[provider]]` entry.
std::span<const std::string_view> providerKeys();
/// As assign(), for one key of one provider.
std::string assign(Provider &provider, std::string_view key, const Value &value);

/// Reads a text ("8484", "true", "a,b") as what the setting wants; a text that is not what it wants stays a
/// text.
Value valueFromText(const Setting &setting, std::string_view text);
Value valueFromText(std::string_view providerKey, std::string_view text);

} // namespace weir::config
