// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/provider.h"

#include "http/name_set.h"
#include <algorithm>
#include <array>
#include <QUrl>
#include <vector>

namespace weir::llm {

namespace {

constexpr std::string_view Version = "/v1";
/// Longest credential believed.
constexpr std::size_t SecretMax = 8 * 1024;

bool isAtOrBelow(std::string_view path, std::string_view parent)
{
    return path.starts_with(parent) && (path.size() == parent.size() || path[parent.size()] == '/');
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// The token of "Bearer <token>"; "" for anything else.
std::string_view bearerToken(std::string_view value)
{
    constexpr std::string_view Scheme = "Bearer ";
    value = trimmed(value);
    if (!http::equalsIgnoreCase(value.substr(0, Scheme.size()), Scheme))
        return {};
    return trimmed(value.substr(Scheme.size()));
}

} // namespace

std::string_view name(Dialect dialect)
{
    return dialect == Dialect::Anthropic ? "anthropic" : "openai";
}

std::string_view name(Api api)
{
    switch (api) {
    case Api::Messages:
        return "messages";
    case Api::CountTokens:
        return "count_tokens";
    case Api::ChatCompletions:
        return "chat_completions";
    case Api::Responses:
        return "responses";
    case Api::Embeddings:
        return "embeddings";
    case Api::Models:
        return "models";
    case Api::Other:
        return "other";
    }
    return "";
}

std::optional<Endpoint> recognise(std::string_view path, const http::Headers &headers)
{
    if (!path.starts_with("/v1/"))
        return std::nullopt;
    if (path == "/v1/messages")
        return Endpoint{Dialect::Anthropic, Api::Messages};
    if (path == "/v1/messages/count_tokens")
        return Endpoint{Dialect::Anthropic, Api::CountTokens};
    if (isAtOrBelow(path, "/v1/messages") || path == "/v1/complete")
        return Endpoint{Dialect::Anthropic, Api::Other};
    if (path == "/v1/chat/completions")
        return Endpoint{Dialect::OpenAi, Api::ChatCompletions};
    if (path == "/v1/responses")
        return Endpoint{Dialect::OpenAi, Api::Responses};
    if (path == "/v1/embeddings")
        return Endpoint{Dialect::OpenAi, Api::Embeddings};
    if (isAtOrBelow(path, "/v1/chat") || isAtOrBelow(path, "/v1/responses"))
        return Endpoint{Dialect::OpenAi, Api::Other};
    // Both vendors have /v1/models, /v1/files and more to come. Only Anthropic's clients send a version:
    // going by the path alone would hand their key to the other vendor.
    const Dialect dialect = headers.contains("anthropic-version") ? Dialect::Anthropic : Dialect::OpenAi;
    return Endpoint{dialect, isAtOrBelow(path, "/v1/models") ? Api::Models : Api::Other};
}

std::string BaseUrl::origin() const
{
    const bool isIpv6 = host.find(':') != std::string::npos;
    return (tls ? "https://" : "http://") + (isIpv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Result<BaseUrl> parseBaseUrl(std::string_view text)
{
    // Quoted only if nothing in it can be a secret.
    const bool mayBeSecret = text.find_first_of("@?#") != std::string_view::npos;
    const std::string quoted = mayBeSecret ? "the base URL" : "'" + std::string(text) + "'";
    const auto refused = [&quoted](const char *why) {
        return base::unexpected(base::Errc::ConfigInvalid, quoted + " " + why);
    };
    const QUrl url = QUrl::fromEncoded(QByteArray(text.data(), qsizetype(text.size())), QUrl::StrictMode);
    const bool isTls = url.scheme() == QLatin1String("https");
    if (!isTls && url.scheme() != QLatin1String("http"))
        return refused("is not an http or https URL");
    if (!url.isValid() || url.host().isEmpty())
        return refused("has no valid host");
    if (url.port() == 0)
        return refused("has port 0");
    if (!url.userInfo().isEmpty())
        return refused("holds a user name or password; Weir passes the tool's own key on");
    if (url.hasQuery() || url.hasFragment())
        return refused("has a query or fragment");

    BaseUrl base;
    base.tls = isTls;
    base.host = url.host(QUrl::FullyEncoded).toStdString();
    base.port = std::uint16_t(url.port(isTls ? 443 : 80));
    base.path = url.path(QUrl::FullyEncoded).toStdString();
    while (base.path.ends_with('/'))
        base.path.pop_back();
    return base;
}

std::string upstreamTarget(Dialect dialect, const BaseUrl &base, std::string_view target)
{
    // An OpenAI base with a path holds the version ("…/v1", "…/paas/v4"), one without a path
    // ("http://127.0.0.1:8000") does not. An Anthropic base never holds it, unless somebody wrote it there
    // all the same.
    const bool baseHoldsVersion =
        dialect == Dialect::OpenAi ? !base.path.empty() : base.path.ends_with(Version);
    if (baseHoldsVersion && isAtOrBelow(target, Version))
        target.remove_prefix(Version.size());
    return base.path + std::string(target);
}

Credential findCredential(const http::Headers &headers)
{
    std::string_view bearer;
    std::string_view apiKey;
    int bearers = 0;
    int apiKeys = 0;
    for (const http::Headers::Field field : headers) {
        if (http::equalsIgnoreCase(field.name, "authorization") && bearers++ == 0)
            bearer = bearerToken(field.value);
        else if (http::equalsIgnoreCase(field.name, "x-api-key") && apiKeys++ == 0)
            apiKey = trimmed(field.value);
    }
    const bool isAmbiguous =
        bearers > 1 || apiKeys > 1 || (!bearer.empty() && !apiKey.empty() && bearer != apiKey);
    if (isAmbiguous)
        return {Credential::Kind::Conflicting, {}};
    if (bearer.size() > SecretMax || apiKey.size() > SecretMax)
        return {};
    if (!bearer.empty())
        return {Credential::Kind::Bearer, bearer};
    if (!apiKey.empty())
        return {Credential::Kind::ApiKey, apiKey};
    return {};
}

void authorise(http::Headers &headers, AuthMode auth)
{
    // Made anew for the upstream, or meant for Weir alone, or saying where the client is.
    static constexpr http::NameSet Dropped(std::array<std::string_view, 8>{
        "host", "content-length", "expect", "cookie", "forwarded", "via", "origin", "http2-settings"});
    static constexpr std::array<std::string_view, 3> DroppedPrefixes{"x-forwarded-", "sec-fetch-", "x-weir-"};

    static constexpr http::NameSet Credentials(std::array<std::string_view, 2>{"authorization", "x-api-key"});

    headers.removeHopByHop();
    headers.removeIf([auth](http::Headers::Field field) {
        const auto beginsSo = [&](std::string_view prefix) {
            // The third letter tells them from nearly all others: of "x-stainless-…" a client sends eight.
            constexpr std::size_t Telling = 2;
            constexpr char CaseBit = 0x20;
            return field.name.size() > Telling && (field.name[Telling] | CaseBit) == prefix[Telling] &&
                   http::equalsIgnoreCase(field.name.substr(0, prefix.size()), prefix);
        };
        return Dropped.contains(field.name) ||
               std::any_of(DroppedPrefixes.begin(), DroppedPrefixes.end(), beginsSo) ||
               (auth != AuthMode::PassThrough && Credentials.contains(field.name));
    });
    // A client that names no encoding wants none; the HTTP library would ask for gzip on its own account.
    if (!headers.contains("accept-encoding"))
        headers.add("Accept-Encoding", "identity");
}

void addSecret(http::Headers &headers, Dialect dialect, std::string_view secret)
{
    if (dialect == Dialect::Anthropic)
        headers.add("x-api-key", secret);
    else
        headers.add("Authorization", "Bearer " + std::string(secret));
}

} // namespace weir::llm
