// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/config_source.h"

#include "config/config_check.h"
#include "config/settings.h"
#include <algorithm>
#include <array>

#include <toml++/toml.h>

namespace weir::config {

namespace {

/// Environment variables that set a setting, the ancestor's names included.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> EnvironmentTable{{
    {"WEIR_PORT", "listen.port"},
    {"POOL_MIN_CONNECTIONS", "pool.min"},
    {"POOL_MAX_CONNECTIONS", "pool.max"},
    {"POOL_WARM", "pool.warm"},
    {"PROFILING_ENABLED", "profiling.enabled"},
}};

/// Builds one Config out of the sources and remembers everything that is wrong on the way.
class Loader
{
public:
    explicit Loader(const Sources &sources) : m_sources(sources) {}

    Loaded load()
    {
        for (const BuiltIn &builtIn : m_sources.builtIns) {
            Provider provider;
            provider.name = builtIn.name;
            provider.openaiBase = builtIn.openaiBase;
            provider.anthropicBase = builtIn.anthropicBase;
            m_config.providers.push_back(std::move(provider));
        }
        if (m_sources.fileText)
            applyFile(*m_sources.fileText);
        applyEnvironment();
        for (const auto &[key, text] : m_sources.assignments)
            applyAssignment(key, text);
        for (const Conflict &conflict : findConflicts(m_config))
            blame(whereSet(conflict.key), "'" + conflict.key + "': " + conflict.what);

        if (m_loaded.problems.empty())
            m_loaded.config = std::move(m_config);
        return std::move(m_loaded);
    }

private:
    void blame(std::string where, std::string what)
    {
        m_loaded.problems.push_back({std::move(where), std::move(what)});
    }

    void set(const Setting &setting, const Value &value, const std::string &where)
    {
        const std::string wrong = assign(m_config, setting, value);
        if (!wrong.empty())
            blame(where, "'" + std::string(setting.key) + "' " + wrong);
        m_where[std::string(setting.key)] = where;
    }

    void set(Provider &provider, std::string_view key, const Value &value, const std::string &where)
    {
        const std::string wrong = assign(provider, key, value);
        const std::string fullKey = "provider." + provider.name + "." + std::string(key);
        if (!wrong.empty())
            blame(where, "'" + fullKey + "' " + wrong);
        m_where[fullKey] = where;
    }

    Provider &provider(const std::string &name)
    {
        const auto found = std::find_if(m_config.providers.begin(), m_config.providers.end(),
                                        [&](const Provider &known) { return known.name == name; });
        if (found != m_config.providers.end())
            return *found;
        m_config.providers.push_back({});
        m_config.providers.back().name = name;
        return m_config.providers.back();
    }

    /// The place that set a setting last, for conflicts that show only when all is read.
    std::string whereSet(const std::string &key) const
    {
        const auto found = m_where.find(key);
        if (found != m_where.end())
            return found->second;
        // A conflict of a whole provider: whichever of its keys was set.
        const auto below = m_where.lower_bound(key + ".");
        return below != m_where.end() && below->first.starts_with(key + ".") ? below->second : "settings";
    }

    // ── file

    std::string fileLine(const toml::node &node) const { return fileLine(node.source()); }
    std::string fileLine(const toml::source_region &region) const
    {
        return m_sources.fileName + ":" + std::to_string(region.begin.line);
    }

    void applyFile(const std::string &text)
    {
        toml::table root;
        try {
            root = toml::parse(text);
        } catch (const toml::parse_error &error) { // the library's way to say it; ours is a value
            blame(fileLine(error.source()), std::string(error.description()));
            return;
        }
        for (const auto &[section, node] : root) {
            if (section.str() == "provider")
                applyProviders(node);
            else if (const toml::table *table = node.as_table())
                applySection(section.str(), *table);
            else
                unknown(section.str(), fileLine(node));
        }
    }

    void applySection(std::string_view section, const toml::table &table)
    {
        for (const auto &[key, node] : table) {
            const std::string full = std::string(section) + "." + std::string(key.str());
            const Setting *setting = findSetting(full);
            if (!setting) {
                unknown(full, fileLine(node));
                continue;
            }
            if (const auto value = valueOf(node))
                set(*setting, *value, fileLine(node));
            else
                blame(fileLine(node), "'" + full + "' has a value of a type that no setting has");
        }
    }

    void applyProviders(const toml::node &node)
    {
        const toml::array *list = node.as_array();
        if (!list) {
            blame(fileLine(node), "providers are written as [[provider]] entries");
            return;
        }
        std::vector<std::string> seen;
        for (const toml::node &entry : *list) {
            const toml::table *table = entry.as_table();
            if (!table) {
                blame(fileLine(entry), "providers are written as [[provider]] entries");
                continue;
            }
            const auto name = (*table)["name"].value<std::string>();
            if (!name || !isProviderName(*name)) {
                blame(fileLine(entry), "a provider needs a name of small letters, digits, '-' and '_'");
                continue;
            }
            if (std::find(seen.begin(), seen.end(), *name) != seen.end())
                blame(fileLine(entry), "there are two providers '" + *name + "'");
            seen.push_back(*name);
            applyProvider(provider(*name), *table);
        }
    }

    void applyProvider(Provider &target, const toml::table &table)
    {
        m_where["provider." + target.name] = fileLine(table);
        for (const auto &[key, node] : table) {
            if (key.str() == "name")
                continue;
            const auto keys = providerKeys();
            const auto value = valueOf(node);
            if (std::find(keys.begin(), keys.end(), key.str()) == keys.end())
                unknown(key.str(), fileLine(node), keys);
            else if (value)
                set(target, key.str(), *value, fileLine(node));
            else
                blame(fileLine(node),
                      "'" + std::string(key.str()) + "' has a value of a type that no setting has");
        }
    }

    static std::optional<Value> valueOf(const toml::node &node)
    {
        if (const auto flag = node.value_exact<bool>())
            return *flag;
        if (const auto number = node.value_exact<std::int64_t>())
            return *number;
        if (const auto text = node.value_exact<std::string>())
            return *text;
        if (const toml::array *list = node.as_array()) {
            std::vector<std::string> texts;
            for (const toml::node &element : *list) {
                const auto text = element.value_exact<std::string>();
                if (!text)
                    return std::nullopt;
                texts.push_back(*text);
            }
            return texts;
        }
        return std::nullopt;
    }

    void unknown(std::string_view key, const std::string &where)
    {
        std::vector<std::string_view> keys;
        for (const Setting &setting : settings())
            keys.push_back(setting.key);
        unknown(key, where, keys);
    }

    /// Not wrong: the file of a newer version must not stop an older one.
    void unknown(std::string_view key, const std::string &where, std::span<const std::string_view> keys)
    {
        std::string what = "unknown setting '" + std::string(key) + "' is ignored";
        if (const std::string_view nearest = nearestKey(key, keys); !nearest.empty())
            what += "; did you mean '" + std::string(nearest) + "'?";
        m_loaded.notices.push_back({where, what});
    }

    // ── environment and command line

    void applyEnvironment()
    {
        const auto find = [this](std::string_view name) -> const std::string * {
            const auto found = m_sources.environment.find(std::string(name));
            return found == m_sources.environment.end() || found->second.empty() ? nullptr : &found->second;
        };
        for (const auto &[variable, key] : EnvironmentTable) {
            if (const std::string *text = find(variable)) {
                const Setting *setting = findSetting(key);
                set(*setting, valueFromText(*setting, *text), "environment " + std::string(variable));
            }
        }
        for (const BuiltIn &builtIn : m_sources.builtIns) {
            const std::string *text = find(builtIn.baseEnvironment);
            if (!text)
                continue;
            // The variable is older than the second dialect: it sets the one that the provider began with.
            const char *key = builtIn.openaiBase.empty() ? "anthropic_base" : "openai_base";
            set(provider(builtIn.name), key, *text, "environment " + builtIn.baseEnvironment);
        }
    }

    void applyAssignment(const std::string &key, const std::string &text)
    {
        const std::string where = "--set " + key;
        constexpr std::string_view Prefix = "provider.";
        if (const Setting *setting = findSetting(key)) {
            set(*setting, valueFromText(*setting, text), where);
            return;
        }
        const std::size_t dot = key.rfind('.');
        const auto keys = providerKeys();
        if (key.starts_with(Prefix) && dot > Prefix.size() &&
            std::find(keys.begin(), keys.end(), key.substr(dot + 1)) != keys.end()) {
            const std::string name = key.substr(Prefix.size(), dot - Prefix.size());
            if (isProviderName(name))
                set(provider(name), key.substr(dot + 1), valueFromText(key.substr(dot + 1), text), where);
            else
                blame(where, "'" + name + "' cannot be a provider's name");
            return;
        }
        // Typed by hand, now: here an unknown name is an error.
        std::vector<std::string_view> known;
        for (const Setting &setting : settings())
            known.push_back(setting.key);
        const std::string_view nearest = nearestKey(key, known);
        blame(where,
              "there is no such setting" +
                  (nearest.empty() ? std::string() : "; did you mean '" + std::string(nearest) + "'?"));
    }

    const Sources &m_sources;
    Config m_config;
    Loaded m_loaded;
    std::map<std::string, std::string> m_where; // setting -> the place that set it last
};

} // namespace

Loaded load(const Sources &sources)
{
    return Loader(sources).load();
}

} // namespace weir::config
