// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/credential.h"

#include "http/name_set.h"
#include "keys/access_key.h"
#include "llm/percent.h"
#include <algorithm>

namespace weir::llm {

namespace {

constexpr std::string_view Blanks = " \t";

/// Fields other than Authorization and x-api-key in which SDKs send keys: Azure's, Google's, gateways'.
constexpr http::NameSet OtherFields(std::array<std::string_view, 10>{
    "api-key", "x-goog-api-key", "proxy-authorization", "x-auth-token", "x-access-token", "x-api-token",
    "openai-api-key", "anthropic-api-key", "ocp-apim-subscription-key", "x-litellm-api-key"});

/// Names in a query that hold keys.
constexpr http::NameSet QueryNames(std::array<std::string_view, 9>{"key", "api_key", "api-key", "apikey",
                                                                   "x-api-key", "access_token", "auth_token",
                                                                   "token", "subscription-key"});

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(Blanks);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(Blanks) - first + 1);
}

std::string_view unquoted(std::string_view text)
{
    text = trimmed(text);
    const bool isQuoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return isQuoted ? trimmed(text.substr(1, text.size() - 2)) : text;
}

/// Of a field's value: "scheme secret", or a secret alone.
Credential readField(Credential::Place place, std::string_view value)
{
    value = trimmed(value);
    const std::size_t blank = value.find_first_of(Blanks);
    if (blank != std::string_view::npos)
        return {place, unquoted(value.substr(blank)), value.substr(0, blank)};
    if (http::equalsIgnoreCase(value, "Bearer")) // the word, and no token
        return {place, {}, value};
    return {place, unquoted(value), {}};
}

/// Calls `take(name, value, whole)` for each parameter of a query.
template<typename Take>
void forEachParameter(std::string_view query, Take &&take)
{
    while (!query.empty()) {
        const std::size_t size = std::min(query.find_first_of("&;"), query.size());
        const std::string_view whole = query.substr(0, size);
        const std::size_t equals = std::min(whole.find('='), whole.size());
        take(whole.substr(0, equals), whole.substr(std::min(equals + 1, whole.size())), whole);
        query.remove_prefix(std::min(size + 1, query.size()));
    }
}

bool isCredentialName(std::string_view name)
{
    return name.find('%') == std::string_view::npos ? QueryNames.contains(name)
                                                    : QueryNames.contains(percentDecoded(name));
}

/// What a client accepts, as far as Weir can read it. "*" is left out: it stands for what it cannot.
std::string readableEncodings(std::string_view accepted)
{
    static constexpr http::NameSet Readable(
        std::array<std::string_view, 4>{"gzip", "x-gzip", "deflate", "identity"});
    std::string kept;
    while (!accepted.empty()) {
        const std::size_t size = std::min(accepted.find(','), accepted.size());
        const std::string_view offer = trimmed(accepted.substr(0, size));
        if (Readable.contains(trimmed(offer.substr(0, offer.find(';')))))
            kept.append(kept.empty() ? "" : ", ").append(offer);
        accepted.remove_prefix(std::min(size + 1, accepted.size()));
    }
    return kept;
}

void offerReadable(http::Headers &headers)
{
    std::string accepted;
    std::size_t fields = 0;
    for (const auto field : headers) {
        if (http::equalsIgnoreCase(field.name, "accept-encoding"))
            accepted.append(fields++ == 0 ? "" : ",").append(field.value);
    }
    const std::string kept = readableEncodings(accepted);
    if (fields == 1 && kept == accepted && !kept.empty())
        return; // it stays where it stands
    // A client that names none wants none; the HTTP library would ask for gzip on its own account.
    headers.set("Accept-Encoding", kept.empty() ? std::string_view("identity") : std::string_view(kept));
}

} // namespace

void Credentials::add(const Credential &credential)
{
    if (m_count == CountMax || credential.isMissing())
        return;
    std::size_t at = m_count++;
    for (; at > 0 && credential.place < m_all[at - 1].place; --at)
        m_all[at] = m_all[at - 1];
    m_all[at] = credential;
}

Credentials findCredentials(const http::Headers &headers, std::string_view query)
{
    Credentials found;
    for (const http::Headers::Field field : headers) {
        if (http::equalsIgnoreCase(field.name, "authorization"))
            found.add(readField(Credential::Place::Authorization, field.value));
        else if (http::equalsIgnoreCase(field.name, "x-api-key"))
            found.add({Credential::Place::ApiKey, unquoted(field.value), {}});
        else if (OtherFields.contains(field.name))
            found.add(readField(Credential::Place::OtherField, field.value));
    }
    if (query.starts_with('?'))
        query.remove_prefix(1);
    forEachParameter(query, [&found](std::string_view name, std::string_view value, std::string_view) {
        if (isCredentialName(name))
            found.add({Credential::Place::Query, value, {}});
    });
    return found;
}

std::string_view bearerToken(const http::Headers &headers)
{
    if (headers.count("authorization") != 1)
        return {};
    const Credential given = readField(Credential::Place::Authorization, *headers.find("authorization"));
    return http::equalsIgnoreCase(given.scheme, "Bearer") ? given.secret : std::string_view();
}

void authorise(http::Headers &headers, AuthMode auth)
{
    // Made anew for the upstream, or meant for Weir alone, or saying where the client is. Those with "url",
    // "uri" and "method" lead some servers to another path or method than the one that Weir has judged.
    static constexpr http::NameSet Dropped(std::array<std::string_view, 14>{
        "host", "content-length", "expect", "cookie", "forwarded", "via", "origin", "http2-settings",
        "x-original-url", "x-original-uri", "x-rewrite-url", "x-http-method-override", "x-http-method",
        "x-method-override"});
    static constexpr std::array<std::string_view, 3> DroppedPrefixes{"x-forwarded-", "sec-fetch-", "x-weir-"};
    static constexpr http::NameSet Usual(std::array<std::string_view, 2>{"authorization", "x-api-key"});

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
               (auth != AuthMode::PassThrough &&
                (Usual.contains(field.name) || OtherFields.contains(field.name))) ||
               keys::holdsAccessKey(field.value);
    });
    offerReadable(headers);
}

std::string withoutCredentials(std::string_view target)
{
    const std::size_t mark = target.find('?');
    if (mark == std::string_view::npos)
        return std::string(target);
    std::string kept;
    bool isAnyTaken = false;
    forEachParameter(target.substr(mark + 1),
                     [&](std::string_view name, std::string_view, std::string_view whole) {
                         if (isCredentialName(name))
                             isAnyTaken = true;
                         else
                             kept.append(kept.empty() ? "?" : "&").append(whole);
                     });
    return isAnyTaken ? std::string(target.substr(0, mark)) + kept : std::string(target);
}

bool targetHoldsAccessKey(std::string_view target)
{
    return keys::holdsAccessKey(target) ||
           (target.find('%') != std::string_view::npos && keys::holdsAccessKey(percentDecoded(target)));
}

void addSecret(http::Headers &headers, Dialect dialect, std::string_view secret)
{
    if (dialect == Dialect::Anthropic)
        headers.add("x-api-key", secret);
    else
        headers.add("Authorization", "Bearer " + std::string(secret));
}

} // namespace weir::llm
