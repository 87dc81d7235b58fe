// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/names.h"

#include "config/settings.h"
#include "config/value.h"
#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

namespace weir::config {

namespace {

using Names = std::vector<std::string_view>;

/// Tables in which a name that nobody knows costs neither money nor safety. Any other guards, those to come
/// included, unless somebody has thought about it and writes it here.
constexpr std::array<std::string_view, 6> NoGuards{"timeouts", "pool", "profiling", "store", "upstream", ""};

/// Tables that may be there several times, and what one entry may say.
struct Kind
{
    std::string_view table;
    Names (*names)();
};
constexpr std::array Kinds{
    Kind{"provider", [] { return keysOf(providerSettings()); }},
    Kind{"alias", [] { return keysOf(aliasSettings()); }},
    Kind{"price", [] { return keysOf(priceSettings()); }},
};

const Kind *kindOf(std::string_view table)
{
    const auto *const found =
        std::find_if(Kinds.begin(), Kinds.end(), [&](const Kind &kind) { return kind.table == table; });
    return found == Kinds.end() ? nullptr : found;
}

/// "limits" of "limits.body_max"; "" of a setting that is in no table.
std::string_view tableOf(std::string_view key)
{
    const std::size_t dot = key.find('.');
    return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

bool isGuard(std::string_view table)
{
    return std::find(NoGuards.begin(), NoGuards.end(), table) == NoGuards.end();
}

/// All of them, each once.
Names tables()
{
    Names all;
    for (const Setting<Config> &setting : settings()) {
        const std::string_view table = tableOf(setting.key);
        if (!table.empty() && std::find(all.begin(), all.end(), table) == all.end())
            all.push_back(table);
    }
    for (const Kind &kind : Kinds)
        all.push_back(kind.table);
    return all;
}

bool isTable(std::string_view name)
{
    const Names all = tables();
    return std::find(all.begin(), all.end(), name) != all.end();
}

std::string inBrackets(std::string_view table)
{
    return kindOf(table) ? "[[" + std::string(table) + "]]" : "[" + std::string(table) + "]";
}

std::string listed(const Names &names)
{
    std::string list;
    for (const std::string_view name : names)
        list += (list.empty() ? "" : ", ") + std::string(name);
    return list;
}

Names namesIn(std::string_view table)
{
    if (const Kind *kind = kindOf(table))
        return kind->names();
    Names names;
    for (const Setting<Config> &setting : settings()) {
        if (tableOf(setting.key) == table)
            names.push_back(setting.key.substr(table.size() + 1));
    }
    return names;
}

/// The setting of another table that has the name of this `key` there; "" if there is none.
std::string_view sameNameElsewhere(std::string_view key)
{
    const std::string end(key.substr(tableOf(key).size()));
    for (const Setting<Config> &setting : settings()) {
        if (setting.key.ends_with(end))
            return setting.key;
    }
    return {};
}

char folded(char c)
{
    if (c >= 'A' && c <= 'Z')
        return static_cast<char>(c - 'A' + 'a');
    return c == '-' ? '_' : c;
}

/// Edits between two short texts: letters added, left out, replaced, or two neighbours swapped (optimal
/// string alignment).
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> beforeLast;
    std::vector<std::size_t> last(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t(0));
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row(b.size() + 1, i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], beforeLast[j - 2] + 1);
        }
        beforeLast = std::exchange(last, std::move(row));
    }
    return last.back();
}

std::string noSetting(std::string_view key)
{
    return "there is no setting '" + printable(key) + "'";
}

std::string meant(std::string_view name)
{
    return " (did you mean '" + printable(name) + "'?)";
}

/// Of an entry of a list: `start` of the key says which one.
UnknownSetting unknownOfEntry(const Kind &kind, std::string_view key, std::string_view start)
{
    const Names names = kind.names();
    const std::string_view near = nearestName(names, key.substr(start.size()));
    return {noSetting(key) + (near.empty() ? " (" + inBrackets(kind.table) + " has " + listed(names) + ")"
                                           : meant(std::string(start) + std::string(near))),
            isGuard(kind.table)};
}

/// Of what is in no table.
UnknownSetting unknownAtTop(std::string_view key)
{
    if (isTable(key))
        return {noSetting(key) + ": it is a table, written " + inBrackets(key), isGuard(key)};
    if (const std::string_view near = nearestName(keysOf(settings()), key); !near.empty())
        return {noSetting(key) + meant(near), isGuard(tableOf(near))};
    if (const auto wrong = wrongWithTable(key))
        return {*wrong, true};
    return {noSetting(key), false};
}

} // namespace

std::string_view nearestName(std::span<const std::string_view> names, std::string_view given)
{
    constexpr std::size_t NameMax = 64; // a longer one is no slip of the pen
    if (given.size() > NameMax)
        return {};
    std::string key(given);
    std::transform(key.begin(), key.end(), key.begin(), folded);
    std::string_view nearest;
    std::size_t best = key.size() / 3 + 1;       // farther is a guess that confuses
    const bool hasTable = !tableOf(key).empty(); // else it may have been forgotten
    for (const std::string_view name : names) {
        const std::string_view compared = hasTable ? name : name.substr(name.rfind('.') + 1);
        if (const std::size_t found = distance(key, compared); found < best) {
            best = found;
            nearest = name;
        }
    }
    return nearest;
}

UnknownSetting unknownSetting(std::string_view key)
{
    const std::string_view table = tableOf(key);
    if (table.empty())
        return unknownAtTop(key);
    const std::size_t dot = key.find('.', table.size() + 1);
    if (const Kind *kind = kindOf(table); kind && dot != std::string_view::npos)
        return unknownOfEntry(*kind, key, key.substr(0, dot + 1));
    std::string_view near = nearestName(keysOf(settings()), key);
    if (kindOf(table) || !isTable(table))
        return {noSetting(key) + (near.empty() ? "" : meant(near)), false};
    if (tableOf(near) != table) { // a name that is right tells more than a few letters in common
        if (const std::string_view same = sameNameElsewhere(key); !same.empty())
            near = same;
    }
    return {noSetting(key) + (near.empty() ? " (" + inBrackets(table) + " has " + listed(namesIn(table)) + ")"
                                           : meant(near)),
            isGuard(table) || (!near.empty() && isGuard(tableOf(near)))};
}

std::optional<std::string> wrongWithTable(std::string_view name)
{
    if (isTable(name))
        return std::nullopt;
    const std::string_view near = nearestName(tables(), name);
    if (near.empty() || !isGuard(near))
        return std::nullopt;
    return "there is no table '" + printable(name) + "' (did you mean " + inBrackets(near) + "?)";
}

} // namespace weir::config
