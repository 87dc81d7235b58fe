// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/config_source.h"

#include "config/config_check.h"
#include "config/names.h"
#include "config/settings.h"
#include "config/toml_file.h"
#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace weir::config {

namespace {

constexpr std::string_view ProviderPrefix = "provider.";
const std::string AliasPrefix = "alias.";
const std::string PricePrefix = "price.";

/// Environment variables that set a setting, the ancestor's names included.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> VariableTable{{
    {"WEIR_PORT", "listen.port"},
    {"DEFAULT_MODEL", "default_model"},
    {"POOL_MIN_CONNECTIONS", "pool.min"},
    {"POOL_MAX_CONNECTIONS", "pool.max"},
    {"POOL_WARM", "pool.warm"},
    {"APIKEY_CACHE_SIZE", "keys.cache_size"},
    {"APIKEY_CACHE_TTL_MS", "keys.cache_ttl_ms"},
    {"PROFILING_ENABLED", "profiling.enabled"},
}};

/// The ancestor's variables whose features do not exist yet: who sets them should know.
constexpr std::array<std::string_view, 2> UnusedVariables{
    "CACHE_ENABLED",
    "BATCHING_ENABLED",
};

/// "provider.NAME.key" taken apart; the name is "" for anything else.
struct ProviderKeyParts
{
    std::string_view name;
    std::string_view key;
};
ProviderKeyParts splitProviderKey(std::string_view full)
{
    const std::size_t dot = full.rfind('.');
    if (!full.starts_with(ProviderPrefix) || dot <= ProviderPrefix.size())
        return {};
    return {full.substr(ProviderPrefix.size(), dot - ProviderPrefix.size()), full.substr(dot + 1)};
}

/// Adds one source after the other, weakest first, and remembers everything that is wrong on the way.
class Loader
{
public:
    explicit Loader(const Sources &sources) : m_sources(sources) {}

    Loaded load()
    {
        for (const BuiltIn &builtIn : m_sources.builtIns) {
            Provider &added = provider(builtIn.name);
            added.openaiBase = builtIn.openaiBase;
            added.anthropicBase = builtIn.anthropicBase;
        }
        const bool isFileRead = applyFile();
        applyEnvironment();
        for (const Assignment &assignment : m_sources.assignments)
            applyText(assignment.where, assignment.key, assignment.text);
        followDefaults();
        // Without the file's part, its providers would seem to be missing.
        if (isFileRead)
            blameConflicts();
        noticeUselessKeys();

        if (m_loaded.problems.empty())
            m_loaded.config = std::move(m_config);
        return std::move(m_loaded);
    }

private:
    bool applyFile()
    {
        if (!m_sources.fileText)
            return true;
        const FileContents contents = readToml(*m_sources.fileText);
        for (const FileProblem &problem : contents.problems)
            blame(atLine(problem.line), problem.what);
        std::set<std::string> wrongTables; // what is in them needs no complaint of its own
        for (const FileTable &table : contents.tables) {
            const auto wrong = wrongWithTable(table.name);
            if (wrong && wrongTables.insert(table.name).second)
                blame(atLine(table.line), *wrong);
        }
        for (const FileEntry &entry : contents.entries) {
            const bool isHere = !wrongTables.contains(entry.key.substr(0, entry.key.find('.')));
            if (isHere && !applyFromFile(atLine(entry.line), entry.key, entry.value))
                tellUnknown(atLine(entry.line), entry.key);
        }
        return contents.isToml;
    }

    /// The file of a newer version does not stop an older one, but where that would leave something open that
    /// its author has closed.
    void tellUnknown(const std::string &where, const std::string &key)
    {
        UnknownSetting unknown = unknownSetting(key);
        if (unknown.isGuard)
            blame(where, std::move(unknown.what));
        else
            m_loaded.notices.push_back({where, unknown.what + "; it is ignored"});
    }

    void applyEnvironment()
    {
        for (const auto &[variable, key] : VariableTable) {
            if (const std::string *text = variableText(variable))
                applyText("environment " + std::string(variable), std::string(key), *text);
        }
        for (const BuiltIn &builtIn : m_sources.builtIns) {
            const std::string *text = variableText(builtIn.baseEnvironment);
            if (!text)
                continue;
            // The variable is older than the second dialect: it sets the one that the provider began with.
            const char *const key = builtIn.openaiBase.empty() ? ".anthropic_base" : ".openai_base";
            applyText("environment " + builtIn.baseEnvironment,
                      std::string(ProviderPrefix) + builtIn.name + key, *text);
        }
        for (const std::string_view variable : UnusedVariables) {
            if (variableText(variable)) {
                m_loaded.notices.push_back(
                    {"environment " + std::string(variable), "is not used by this version"});
            }
        }
    }

    /// An empty variable counts as unset, as shells and service files leave it.
    const std::string *variableText(std::string_view name) const
    {
        const auto found = m_sources.environment.find(std::string(name));
        return found == m_sources.environment.end() || found->second.empty() ? nullptr : &found->second;
    }

    /// Typed now, by hand: an unknown key is an error.
    void applyText(const std::string &where, const std::string &key, const std::string &text)
    {
        if (key.starts_with(AliasPrefix) || key.starts_with(PricePrefix)) {
            blame(where, key.starts_with(AliasPrefix)
                             ? "aliases are set in the file only, as [[alias]] entries"
                             : "prices are set in the file only, as [[price]] entries");
            return;
        }
        Value value = text;
        const ProviderKeyParts parts = splitProviderKey(key);
        if (const auto *setting = find(settings(), key))
            value = valueFromText(*setting, text);
        else if (const auto *ofProvider = find(providerSettings(), parts.key);
                 !parts.name.empty() && ofProvider)
            value = valueFromText(*ofProvider, text);
        if (!apply(where, key, value))
            blame(where, unknownSetting(key).what);
    }

    /// Sets what `key` names. False, and nothing done, if it names nothing.
    bool apply(const std::string &where, const std::string &key, const Value &value)
    {
        const ProviderKeyParts parts = splitProviderKey(key);
        std::string wrong;
        if (const auto *setting = find(settings(), key)) {
            wrong = assign(m_config, *setting, value);
        } else if (const auto *ofProvider = find(providerSettings(), parts.key);
                   !parts.name.empty() && ofProvider) {
            wrong = assignToProvider(parts, *ofProvider, value);
        } else {
            return false;
        }
        if (!wrong.empty())
            blameSetting(where, key, wrong);
        m_where[key] = where;
        return true;
    }

    bool applyFromFile(const std::string &where, const std::string &key, const Value &value)
    {
        if (key.starts_with(AliasPrefix))
            return applyNumbered(AliasPrefix, m_config.aliases, aliasSettings(), where, key, value);
        if (key.starts_with(PricePrefix))
            return applyNumbered(PricePrefix, m_config.prices, priceSettings(), where, key, value);
        return apply(where, key, value);
    }

    /// Only a file has aliases and prices: the first that matches counts, and elsewhere nobody would see
    /// their order.
    template<typename Owner>
    bool applyNumbered(const std::string &prefix, std::vector<Owner> &list,
                       std::span<const Setting<Owner>> table, const std::string &where,
                       const std::string &key, const Value &value)
    {
        const std::size_t dot = key.find('.', prefix.size());
        const auto *setting = find(table, std::string_view(key).substr(dot + 1));
        if (!setting)
            return false;
        if (!key.starts_with(prefix + std::to_string(list.size()) + "."))
            list.emplace_back();
        const std::string wrong = assign(list.back(), *setting, value);
        if (!wrong.empty())
            blameSetting(where, key, wrong);
        m_where[key] = where;
        return true;
    }

    std::string assignToProvider(const ProviderKeyParts &parts, const Setting<Provider> &setting,
                                 const Value &value)
    {
        if (!isProviderName(parts.name))
            return "does not name a provider: " + std::string(ProviderNameRule);
        Provider &target = provider(parts.name);
        // An entry says its own name; on the command line it would rename another.
        if (parts.key == "name")
            return value == Value(target.name) ? "" : "cannot be changed";
        return assign(target, setting, value);
    }

    /// The provider of this name; a new one if there is none.
    Provider &provider(std::string_view name)
    {
        const auto found = std::find_if(m_config.providers.begin(), m_config.providers.end(),
                                        [&](const Provider &known) { return known.name == name; });
        if (found != m_config.providers.end())
            return *found;
        m_config.providers.emplace_back().name = name;
        return m_config.providers.back();
    }

    /// A default must not contradict what somebody has set.
    void followDefaults()
    {
        if (!m_where.contains("pool.min"))
            m_config.pool.min = std::min(m_config.pool.min, m_config.pool.max);
        if (!m_where.contains("limits.body_hold"))
            m_config.limits.bodyHold = std::min(m_config.limits.bodyHold, m_config.limits.memoryBudget);
    }

    void blameConflicts()
    {
        for (const Conflict &conflict : findConflicts(m_config)) {
            if (!m_wrong.contains(conflict.key)) // what is there instead of a wrong value is nobody's fault
                blame(whereSet(conflict.key), "'" + conflict.key + "' " + conflict.what);
        }
    }

    /// Not wrong: auth may be about to follow.
    void noticeUselessKeys()
    {
        for (const Provider &known : m_config.providers) {
            const std::string key = std::string(ProviderPrefix) + known.name + ".key_env";
            if (known.auth != Auth::Stored && !known.keyEnv.empty())
                m_loaded.notices.push_back(
                    {whereSet(key), "'" + key + "' has no effect, because its auth is not 'stored'"});
        }
    }

    /// The place that set `key` last; of a whole provider, the one that set any of its keys.
    std::string whereSet(const std::string &key) const
    {
        if (const auto found = m_where.find(key); found != m_where.end())
            return found->second;
        const auto below = m_where.lower_bound(key + ".");
        return below != m_where.end() && below->first.starts_with(key + ".") ? below->second : "default";
    }

    std::string atLine(std::uint32_t line) const { return m_sources.fileName + ":" + std::to_string(line); }

    void blameSetting(const std::string &where, const std::string &key, const std::string &wrong)
    {
        blame(where, "'" + printable(key) + "' " + wrong);
        m_wrong.insert(key);
    }

    void blame(std::string where, std::string what)
    {
        m_loaded.problems.push_back({std::move(where), std::move(what)});
    }

    const Sources &m_sources;
    Config m_config;
    Loaded m_loaded;
    std::set<std::string> m_wrong;              // settings that were given a value they cannot have
    std::map<std::string, std::string> m_where; // setting -> the place that set it last
};

} // namespace

Loaded load(const Sources &sources)
{
    return Loader(sources).load();
}

} // namespace weir::config
