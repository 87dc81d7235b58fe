// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/credential.h"

#include "http/name_set.h"
#include "keys/access_key.h"
#include "llm/percent.h"
#include <algorithm>

namespace weir::llm {

namespace {

constexpr bool isBlank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/// Fields in which SDKs send keys: the usual two, and those of Azure, Google and gateways.
constexpr http::NameSet Fields(std::array<std::string_view, 12>{
    "authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization", "x-auth-token",
    "x-access-token", "x-api-token", "openai-api-key", "anthropic-api-key", "ocp-apim-subscription-key",
    "x-litellm-api-key"});

/// Names in a query that hold keys.
constexpr http::NameSet QueryNames(std::array<std::string_view, 9>{"key", "api_key", "api-key", "apikey",
                                                                   "x-api-key", "access_token", "auth_token",
                                                                   "token", "subscription-key"});

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && isBlank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return text;
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
    const auto blank = std::size_t(std::find_if(value.begin(), value.end(), isBlank) - value.begin());
    if (blank < value.size())
        return {place, unquoted(value.substr(blank)), value.substr(0, blank)};
    if (http::equalsIgnoreCase(value, "Bearer")) // the word, and no token
        return {place, {}, value};
    return {place, unquoted(value), {}};
}

/// Calls `take(name, value, whole)` for each parameter of a query.
template<typename Take>
void forEachParameter(std::string_view query, Take &&take)
{
    const auto isEnd = [](char byte) { return byte == '&' || byte == ';'; };
    while (!query.empty()) {
        const auto size = std::size_t(std::find_if(query.begin(), query.end(), isEnd) - query.begin());
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

bool isReadableEncoding(std::string_view name)
{
    switch (name.size()) { // most that are not are told by it
    case 4:
        return http::equalsIgnoreCase(name, "gzip");
    case 6:
        return http::equalsIgnoreCase(name, "x-gzip");
    case 7:
        return http::equalsIgnoreCase(name, "deflate");
    case 8:
        return http::equalsIgnoreCase(name, "identity");
    default:
        return false; // "*" too: it stands for what Weir cannot read
    }
}

/// Appends what Weir can read of the encodings that a client accepts; true if that is all of them.
bool appendReadable(std::string &kept, std::string_view accepted)
{
    bool isAll = true;
    do {
        const std::size_t size = std::min(accepted.find(','), accepted.size());
        const std::string_view offer = trimmed(accepted.substr(0, size));
        if (!isReadableEncoding(trimmed(offer.substr(0, offer.find(';'))))) {
            isAll = false;
        } else {
            if (!kept.empty())
                kept += ", ";
            kept += offer;
        }
        accepted.remove_prefix(std::min(size + 1, accepted.size()));
    } while (!accepted.empty());
    return isAll;
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
        if (!Fields.contains(field.name))
            continue;
        if (http::equalsIgnoreCase(field.name, "authorization"))
            found.add(readField(Credential::Place::Authorization, field.value));
        else if (http::equalsIgnoreCase(field.name, "x-api-key"))
            found.add({Credential::Place::ApiKey, unquoted(field.value), {}});
        else
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

    headers.removeHopByHop();
    bool isOffered = false; // a field of encodings stays as it stands
    std::string encodings;  // of those that do not, what can be read
    headers.removeIf([&](http::Headers::Field field) {
        if (http::equalsIgnoreCase(field.name, "accept-encoding")) {
            std::string readable;
            if (appendReadable(readable, field.value)) {
                isOffered = true;
                return false;
            }
            if (!readable.empty())
                encodings.append(encodings.empty() ? "" : ", ").append(readable);
            return true;
        }
        const auto beginsSo = [&](std::string_view prefix) {
            // The third letter tells them from nearly all others: of "x-stainless-…" a client sends eight.
            constexpr std::size_t Telling = 2;
            constexpr char CaseBit = 0x20;
            return field.name.size() > Telling && (field.name[Telling] | CaseBit) == prefix[Telling] &&
                   http::equalsIgnoreCase(field.name.substr(0, prefix.size()), prefix);
        };
        return Dropped.contains(field.name) ||
               std::any_of(DroppedPrefixes.begin(), DroppedPrefixes.end(), beginsSo) ||
               (auth != AuthMode::PassThrough && Fields.contains(field.name)) ||
               keys::holdsAccessKey(field.value);
    });
    // A client that names none wants none; the HTTP library would ask for gzip on its own account.
    if (!encodings.empty())
        headers.add("Accept-Encoding", encodings);
    else if (!isOffered)
        headers.add("Accept-Encoding", "identity");
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
