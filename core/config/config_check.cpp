// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/config_check.h"

#include "config/value.h"
#include <algorithm>
#include <QString>
#include <QUrl>

namespace weir::config {

namespace {

constexpr std::size_t NameMax = 32;

/// Hosts that never leave this machine. QUrl has already written "127.1" and the like as four numbers.
bool isLoopback(const QString &host)
{
    return host == QLatin1String("127.0.0.1") || host == QLatin1String("::1") ||
           host == QLatin1String("localhost");
}

void checkListen(const Config &config, std::vector<Conflict> &out)
{
    const Listen &listen = config.listen;
    // Exactly these two: "0", "0x0" and "::ffff:0.0.0.0" would all open Weir to the network.
    if (listen.address != "127.0.0.1" && listen.address != "::1") {
        const std::string given = "must be 127.0.0.1 or ::1, not '" + printable(listen.address) + "': ";
        out.push_back(
            {"listen.address",
             given + (listen.allowRemote
                          ? "listening beyond loopback is not possible in this version"
                          : "listening beyond loopback needs listen.allow_remote and access keys")});
    }
    for (const std::string &origin : listen.allowOrigins) {
        const std::size_t mark = origin.find("://");
        if (mark == 0 || mark == std::string::npos || mark + 3 == origin.size() ||
            origin.find_first_of("/*?#@ ", mark + 3) != std::string::npos)
            out.push_back(
                {"listen.allow_origins", "'" + printable(origin) +
                                             "' is not an Origin such as 'http://tauri.localhost': a "
                                             "scheme and a host, with a port if it has one"});
    }
    // Under another name Weir can be called by what is not on this machine, and by web pages that have bound
    // that name to it. So only where nothing is answered without an access key.
    const auto open = std::find_if(config.providers.begin(), config.providers.end(),
                                   [](const Provider &provider) { return provider.auth != Auth::Stored; });
    if (!listen.allowHosts.empty() && open != config.providers.end()) {
        out.push_back({"listen.allow_hosts", "must be empty while a provider can be called without an access "
                                             "key: the auth of '" +
                                                 printable(open->name) + "' is not 'stored'"});
    }
}

/// The base that was meant by the address of a whole endpoint; "" if it is none.
std::string baseOfEndpoint(QUrl url)
{
    QString path = url.path();
    while (path.endsWith(u'/'))
        path.chop(1);
    for (const char *endpoint :
         {"/chat/completions", "/completions", "/messages", "/responses", "/embeddings"}) {
        if (!path.endsWith(QLatin1String(endpoint)))
            continue;
        path.chop(int(qstrlen(endpoint)));
        url.setPath(path);
        return url.toString(QUrl::FullyEncoded).toStdString();
    }
    return {};
}

/// The rest of a sentence about this base, or "". Must refuse whatever llm::parseBaseUrl() refuses.
std::string wrongWithBase(const std::string &text, bool allowPlainHttp)
{
    const QUrl url = QUrl::fromEncoded(QByteArray::fromStdString(text), QUrl::StrictMode);
    if (!url.isValid())
        return "is not a valid URL";
    const bool isPlain = url.scheme() == QLatin1String("http");
    if (!isPlain && url.scheme() != QLatin1String("https"))
        return "must be an http or https URL";
    if (url.host().isEmpty())
        return "has no host";
    if (url.port() == 0)
        return "must not have port 0";
    if (!url.userInfo().isEmpty())
        return "must not hold a user name or password: Weir passes the tool's own key on";
    if (url.hasQuery() || url.hasFragment())
        return "must not have a query or fragment";
    if (const std::string meant = baseOfEndpoint(url); !meant.empty())
        return "ends in an endpoint, which Weir adds itself: write '" + printable(meant) + "'";
    if (isPlain && !allowPlainHttp && !isLoopback(url.host())) {
        return "would send keys unencrypted to " + printable(url.host().toStdString()) +
               ": use https, or set allow_plain_http for this provider";
    }
    return {};
}

/// A key in place of the variable's name would lie in clear in the file; it is not shown, either.
bool isVariableName(std::string_view name)
{
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
           });
}

void checkProvider(const Provider &provider, const Store &store, std::vector<Conflict> &out)
{
    const std::string key = "provider." + provider.name;
    if (!provider.keyEnv.empty() && !isVariableName(provider.keyEnv)) {
        out.push_back({key + ".key_env",
                       "must be the name of an environment variable (letters, digits, '_'), not a key"});
    }
    if (provider.auth == Auth::Stored && !store.enabled) {
        out.push_back({key + ".auth", "must not be 'stored' while store.enabled is false: its clients need "
                                      "access keys, which the store keeps"});
    }
    const auto check = [&](const char *baseKey, const std::string &text) {
        const std::string wrong = text.empty() ? "" : wrongWithBase(text, provider.allowPlainHttp);
        if (!wrong.empty())
            out.push_back({key + baseKey, wrong});
    };
    check(".openai_base", provider.openaiBase);
    check(".anthropic_base", provider.anthropicBase);
    if (provider.openaiBase.empty() && provider.anthropicBase.empty())
        out.push_back({key, "needs openai_base, anthropic_base or both"});
}

/// The rest of a sentence about a model's name or a pattern of names, or "".
std::string wrongWithModel(const std::string &text)
{
    if (text.size() > ModelNameMax)
        return "must not be longer than " + std::to_string(ModelNameMax) + " bytes";
    const QByteArray bytes = QByteArray::fromStdString(text);
    if (QString::fromUtf8(bytes).toUtf8() != bytes) // a variable may hold anything; JSON may not
        return "must be UTF-8";
    return {};
}

std::string noSuchProvider(const Config &config, const std::string &name)
{
    std::string known;
    for (const Provider &provider : config.providers)
        known += (known.empty() ? "" : ", ") + provider.name;
    return "names '" + printable(name) + "', but there is no such provider (known: " + known + ")";
}

bool hasProvider(const Config &config, const std::string &name)
{
    return std::any_of(config.providers.begin(), config.providers.end(),
                       [&](const Provider &provider) { return provider.name == name; });
}

void checkModels(const Config &config, std::vector<Conflict> &out)
{
    const auto check = [&out](const std::string &key, const std::string &wrong) {
        if (!wrong.empty())
            out.push_back({key, wrong});
    };
    check("default_model", wrongWithModel(config.defaultModel));
    if (config.aliases.size() > AliasesMax) {
        check("alias", "entries are " + std::to_string(config.aliases.size()) + "; " +
                           std::to_string(AliasesMax) + " is the most");
    }
    for (std::size_t at = 0; at < config.aliases.size(); ++at) {
        const Alias &alias = config.aliases[at];
        const std::string key = "alias." + std::to_string(at + 1);
        check(key + ".match", alias.match.empty() ? "must not be empty" : wrongWithModel(alias.match));
        check(key + ".model", alias.model.empty() ? "must not be empty" : wrongWithModel(alias.model));
        if (!alias.provider.empty() && !hasProvider(config, alias.provider))
            check(key + ".provider", noSuchProvider(config, alias.provider));
    }
    if (config.prices.size() > PricesMax) {
        check("price", "entries are " + std::to_string(config.prices.size()) + "; " +
                           std::to_string(PricesMax) + " is the most");
    }
    for (std::size_t at = 0; at < config.prices.size(); ++at) {
        const Price &price = config.prices[at];
        const std::string key = "price." + std::to_string(at + 1);
        check(key + ".match", price.match.empty() ? "must not be empty" : wrongWithModel(price.match));
        if (!price.provider.empty() && !hasProvider(config, price.provider))
            check(key + ".provider", noSuchProvider(config, price.provider));
    }
}

void checkRoute(const Config &config, const char *key, const std::string &name, bool isAnthropic,
                std::vector<Conflict> &out)
{
    const auto found = std::find_if(config.providers.begin(), config.providers.end(),
                                    [&](const Provider &provider) { return provider.name == name; });
    if (found == config.providers.end()) {
        out.push_back({key, noSuchProvider(config, name)});
    } else if ((isAnthropic ? found->anthropicBase : found->openaiBase).empty()) {
        out.push_back(
            {key, "names '" + name + "', which has no " + (isAnthropic ? "anthropic_base" : "openai_base")});
    }
}

} // namespace

std::vector<std::string> providerNames(const Config &config)
{
    std::vector<std::string> names;
    for (const Provider &provider : config.providers)
        names.push_back(provider.name);
    return names;
}

bool isProviderName(std::string_view name)
{
    const auto isWord = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= NameMax && isWord(name.front()) && name != "v1" &&
           std::all_of(name.begin(), name.end(), [&](char c) { return isWord(c) || c == '-' || c == '_'; });
}

std::vector<Conflict> findConflicts(const Config &config)
{
    std::vector<Conflict> conflicts;
    checkListen(config, conflicts);
    if (config.pool.min > config.pool.max) {
        conflicts.push_back({"pool.min", "must not be larger than pool.max (" +
                                             std::to_string(config.pool.min) + " > " +
                                             std::to_string(config.pool.max) + ")"});
    }
    if (config.limits.bodyHold > config.limits.memoryBudget) {
        conflicts.push_back({"limits.body_hold", "must not be larger than limits.memory_budget (" +
                                                     std::to_string(config.limits.bodyHold) + " > " +
                                                     std::to_string(config.limits.memoryBudget) + ")"});
    }
    if (config.providers.size() > ProvidersMax)
        conflicts.push_back({"provider", "entries are " + std::to_string(config.providers.size()) +
                                             " with the built-in ones; " + std::to_string(ProvidersMax) +
                                             " is the most"});
    for (const Provider &provider : config.providers)
        checkProvider(provider, config.store, conflicts);
    checkRoute(config, "route.anthropic", config.route.anthropic, true, conflicts);
    checkRoute(config, "route.openai", config.route.openai, false, conflicts);
    checkModels(config, conflicts);
    return conflicts;
}

} // namespace weir::config
