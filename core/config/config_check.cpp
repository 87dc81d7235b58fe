// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/config_check.h"

#include <algorithm>
#include <QString>
#include <QUrl>

namespace weir::config {

namespace {

bool isLoopback(const std::string &host)
{
    return host == "127.0.0.1" || host == "::1" || host == "localhost";
}

void checkListen(const Listen &listen, std::vector<Conflict> &out)
{
    if (listen.address == "127.0.0.1" || listen.address == "::1")
        return;
    // Exactly these two: "0", "0x0" and "::ffff:0.0.0.0" would all open Weir to the network.
    if (!listen.allowRemote) {
        out.push_back({"listen.address", "'" + listen.address +
                                             "' is not a loopback address (127.0.0.1 or ::1), and "
                                             "listen.allow_remote is not set"});
        return;
    }
    out.push_back(
        {"listen.address", "listening beyond loopback needs access keys, which this version does not have"});
}

void checkBase(const Provider &provider, const char *key, const std::string &text, std::vector<Conflict> &out)
{
    if (text.empty())
        return;
    const auto blame = [&](const std::string &what) {
        out.push_back({"provider." + provider.name + "." + key, "'" + text + "' " + what});
    };
    const QUrl url = QUrl::fromEncoded(QByteArray::fromStdString(text), QUrl::StrictMode);
    const bool isPlain = url.scheme() == QLatin1String("http");
    if (!isPlain && url.scheme() != QLatin1String("https"))
        return blame("is not an http or https URL");
    if (!url.isValid() || url.host().isEmpty())
        return blame("has no valid host");
    if (!url.userInfo().isEmpty())
        return blame("must not hold a user name or password");
    if (url.hasQuery() || url.hasFragment())
        return blame("must not have a query or fragment");
    if (isPlain && !isLoopback(url.host().toStdString()) && !provider.allowPlainHttp)
        blame("would send keys unencrypted: use https, or set allow_plain_http");
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
        out.push_back({key, "there is no provider '" + name + "' (known: " + known + ")"});
    } else if ((isAnthropic ? found->anthropicBase : found->openaiBase).empty()) {
        out.push_back(
            {key, "provider '" + name + "' has no " + (isAnthropic ? "anthropic_base" : "openai_base")});
    }
}

} // namespace

bool isProviderName(const std::string &name)
{
    const auto isWord = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= 32 && isWord(name.front()) && name != "v1" &&
           std::all_of(name.begin(), name.end(), [&](char c) { return isWord(c) || c == '-' || c == '_'; });
}

std::vector<Conflict> findConflicts(const Config &config)
{
    std::vector<Conflict> conflicts;
    checkListen(config.listen, conflicts);
    if (config.pool.min > config.pool.max)
        conflicts.push_back({"pool.min", "is larger than pool.max (" + std::to_string(config.pool.min) +
                                             " > " + std::to_string(config.pool.max) + ")"});
    for (const Provider &provider : config.providers) {
        checkBase(provider, "openai_base", provider.openaiBase, conflicts);
        checkBase(provider, "anthropic_base", provider.anthropicBase, conflicts);
        if (provider.openaiBase.empty() && provider.anthropicBase.empty())
            conflicts.push_back({"provider." + provider.name, "needs openai_base, anthropic_base or both"});
    }
    checkRoute(config, "route.anthropic", config.route.anthropic, true, conflicts);
    checkRoute(config, "route.openai", config.route.openai, false, conflicts);
    return conflicts;
}

} // namespace weir::config
