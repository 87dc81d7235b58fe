// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/toml_file.h"

#include "config/config_check.h"
#include "config/names.h"
#include <algorithm>
#include <array>

#include <toml++/toml.h>

namespace weir::config {

namespace {

constexpr std::string_view ProviderKey = "provider";

/// Lists whose entries have no name of their own, and the two members that make one.
struct NumberedList
{
    std::string_view key;
    std::string_view plural;
    std::array<std::string_view, 2> needed;
};
constexpr std::array NumberedLists{
    NumberedList{"alias", "aliases", {"match", "model"}},
    NumberedList{"price", "prices", {"match", "input"}},
};

std::uint32_t lineOf(const toml::node &node)
{
    return node.source().begin.line;
}

std::uint32_t lineOf(const toml::key &key)
{
    return key.source().begin.line;
}

Value valueOf(const toml::node &node)
{
    if (const auto flag = node.value_exact<bool>())
        return *flag;
    if (const auto number = node.value_exact<std::int64_t>())
        return *number;
    if (const auto text = node.value_exact<std::string>())
        return *text;
    if (const auto number = node.value_exact<double>())
        return *number;
    if (node.is_table())
        return Unsuited{"a table"};
    const toml::array *const list = node.as_array();
    if (!list)
        return Unsuited{"a date or time"};
    std::vector<std::string> texts;
    for (const toml::node &element : *list) {
        const auto text = element.value_exact<std::string>();
        if (!text)
            return Unsuited{"a list that holds something else"};
        texts.push_back(*text);
    }
    return texts;
}

class Reader
{
public:
    FileContents read(std::string_view text)
    {
        toml::table root;
        try {
            root = toml::parse(text);
        } catch (const toml::parse_error &error) { // the library's way to say it; ours is a value
            m_contents.isToml = false;
            blame(error.source().begin.line, printable(error.description()));
            return std::move(m_contents);
        }
        for (const auto &[key, node] : root) {
            if (key.str() == ProviderKey)
                readProviders(node);
            else if (const NumberedList *list = numberedList(key.str()))
                readNumbered(*list, node);
            else if (const toml::table *section = node.as_table())
                readSection(std::string(key.str()), lineOf(key), *section);
            else
                m_contents.entries.push_back({lineOf(node), std::string(key.str()), valueOf(node)});
        }
        // A table iterates by name; people read by line.
        const auto isEarlier = [](const auto &a, const auto &b) { return a.line < b.line; };
        std::stable_sort(m_contents.entries.begin(), m_contents.entries.end(), isEarlier);
        std::stable_sort(m_contents.tables.begin(), m_contents.tables.end(), isEarlier);
        std::stable_sort(m_contents.problems.begin(), m_contents.problems.end(), isEarlier);
        return std::move(m_contents);
    }

private:
    void blame(std::uint32_t line, std::string what)
    {
        m_contents.problems.push_back({line, std::move(what)});
    }

    void readSection(const std::string &name, std::uint32_t line, const toml::table &section)
    {
        m_contents.tables.push_back({line, name});
        readTable(name, section);
    }

    void readTable(const std::string &prefix, const toml::table &table)
    {
        for (const auto &[key, node] : table)
            m_contents.entries.push_back(
                {lineOf(node), prefix + "." + std::string(key.str()), valueOf(node)});
    }

    /// The list if it is one of tables.
    static const toml::array *tableList(const toml::node &node)
    {
        const toml::array *const list = node.as_array();
        const bool isOne = list && std::all_of(list->begin(), list->end(),
                                               [](const toml::node &entry) { return entry.is_table(); });
        return isOne ? list : nullptr;
    }

    void readProviders(const toml::node &node)
    {
        const toml::array *const list = tableList(node);
        if (!list) {
            blame(lineOf(node), "providers are written as [[provider]] entries, each with a name");
            return;
        }
        for (const toml::node &entry : *list)
            readProvider(*entry.as_table());
    }

    static const NumberedList *numberedList(std::string_view key)
    {
        for (const NumberedList &list : NumberedLists) {
            if (list.key == key)
                return &list;
        }
        return nullptr;
    }

    /// An entry without what makes it one cannot be read, so its mistyped names are told here.
    void blameMissing(const toml::table &entry, std::string_view kind, std::string_view missing)
    {
        std::string what = "this " + std::string(kind) + " has no " + std::string(missing);
        for (const auto &[key, node] : entry) {
            if (key.str() != missing && !nearestName({&missing, 1}, key.str()).empty()) {
                what += " (did you mean it by '" + printable(key.str()) + "' in line " +
                        std::to_string(lineOf(key)) + "?)";
                break;
            }
        }
        blame(lineOf(entry), std::move(what));
    }

    void readNumbered(const NumberedList &kind, const toml::node &node)
    {
        const std::string key(kind.key);
        const toml::array *const list = tableList(node);
        if (!list) {
            blame(lineOf(node), std::string(kind.plural) + " are written as [[" + key +
                                    "]] entries, each with " + std::string(kind.needed[0]) + " and " +
                                    std::string(kind.needed[1]));
            return;
        }
        int number = 0;
        for (const toml::node &element : *list) {
            const toml::table &entry = *element.as_table();
            const auto *const missing =
                std::find_if(kind.needed.begin(), kind.needed.end(),
                             [&](std::string_view name) { return !entry.contains(name); });
            if (missing != kind.needed.end())
                blameMissing(entry, key, *missing);
            else
                readTable(key + "." + std::to_string(++number), entry);
        }
    }

    void readProvider(const toml::table &entry)
    {
        const auto name = entry["name"].value_exact<std::string>();
        if (!name) {
            blameMissing(entry, ProviderKey, "name");
            return;
        }
        if (!isProviderName(*name)) {
            blame(lineOf(entry),
                  "'" + printable(*name) + "' cannot be a provider's name: " + std::string(ProviderNameRule));
            return;
        }
        if (std::find(m_names.begin(), m_names.end(), *name) != m_names.end())
            blame(lineOf(entry), "there is already a provider '" + *name + "'");
        m_names.push_back(*name);
        readTable(std::string(ProviderKey) + "." + *name, entry);
    }

    FileContents m_contents;
    std::vector<std::string> m_names;
};

} // namespace

FileContents readToml(std::string_view text)
{
    return Reader().read(text);
}

} // namespace weir::config
