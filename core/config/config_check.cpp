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

void checkListen(const Listen &listen, std::vector<Conflict> &out)
{
    // Exactly these two: "0", "0x0" and "::ffff:0.0.0.0" would all open Weir to the network.
    if (listen.address != "127.0.0.1" && listen.address != "::1") {
        const std::string given = "must be 127.0.0.1 or ::1, not '" + printable(listen.address) + "': ";
        out.push_back(
            {"listen.address",
             given + (listen.allowRemote
                          ? "listening beyond loopback needs access keys, which this version does not have"
                          : "listening beyond loopback needs listen.allow_remote and access keys")});
    }
    if (!listen.allowHosts.empty()) {
        out.push_back({"listen.allow_hosts",
                       "must be empty: other Host names need access keys, which this version does not have"});
    }
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
    if (isPlain && !allowPlainHttp && !isLoopback(url.host())) {
        return "would send keys unencrypted to " + printable(url.host().toStdString()) +
               ": use https, or set allow_plain_http for this provider";
    }
    return {};
}

void checkProvider(const Provider &provider, std::vector<Conflict> &out)
{
    const std::string key = "provider." + provider.name;
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

void checkRoute(const Config &config, const char *key, const std::string &name, bool isAnthropic,
                std::vector<Conflict> &out)
{
    const auto found = std::find_if(config.providers.begin(), config.providers.end(),
                                    [&](const Provider &provider) { return provider.name == name; });
    if (found == config.providers.end()) {
        std::string known;
        for (const Provider &provider : config.providers)
            known += (known.empty() ? "" : ", ") + provider.name;
        out.push_back(
            {key, "names '" + printable(name) + "', but there is no such provider (known: " + known + ")"});
    } else if ((isAnthropic ? found->anthropicBase : found->openaiBase).empty()) {
        out.push_back(
            {key, "names '" + name + "', which has no " + (isAnthropic ? "anthropic_base" : "openai_base")});
    }
}

} // namespace

bool isProviderName(std::string_view name)
{
    const auto isWord = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= NameMax && isWord(name.front()) && name != "v1" &&
           std::all_of(name.begin(), name.end(), [&](char c) { return isWord(c) || c == '-' || c == '_'; });
}

std::vector<Conflict> findConflicts(const Config &config)
{
    std::vector<Conflict> conflicts;
    checkListen(config.listen, conflicts);
    if (config.pool.min > config.pool.max) {
        conflicts.push_back({"pool.min", "must not be larger than pool.max (" +
                                             std::to_string(config.pool.min) + " > " +
                                             std::to_string(config.pool.max) + ")"});
    }
    if (config.providers.size() > ProvidersMax)
        conflicts.push_back({"provider", "entries are " + std::to_string(config.providers.size()) +
                                             " with the built-in ones; " + std::to_string(ProvidersMax) +
                                             " is the most"});
    for (const Provider &provider : config.providers)
        checkProvider(provider, conflicts);
    checkRoute(config, "route.anthropic", config.route.anthropic, true, conflicts);
    checkRoute(config, "route.openai", config.route.openai, false, conflicts);
    return conflicts;
}

} // namespace weir::config
