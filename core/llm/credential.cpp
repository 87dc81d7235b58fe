// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/credential.h"

#include "http/name_set.h"
#include "keys/access_key.h"
#include "llm/decoder.h"
#include "llm/percent.h"
#include <algorithm>
#include <optional>

namespace weir::llm {

namespace {

constexpr bool isBlank(char byte)
{
    return byte == ' ' || byte == '\t';
}

constexpr std::string_view AcceptEncoding = "Accept-Encoding";

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

template<std::size_t Left, std::size_t Right>
constexpr std::array<std::string_view, Left + Right> joined(const std::array<std::string_view, Left> &left,
                                                            const std::array<std::string_view, Right> &right)
{
    std::array<std::string_view, Left + Right> all;
    std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), all.begin()));
    return all;
}

/// Of the fields that say where the client is, or that are meant for Weir alone.
bool isOfDroppedFamily(std::string_view name)
{
    const auto beginsWith = [name](std::string_view prefix) {
        return http::equalsIgnoreCase(name.substr(0, prefix.size()), prefix);
    };
    // The third letter tells them from nearly all others: of "x-stainless-…" a client sends eight.
    switch (name.size() > 2 ? name[2] : '\0') {
    case 'f':
    case 'F':
        return beginsWith("x-forwarded-");
    case 'c':
    case 'C':
        return beginsWith("sec-fetch-");
    case 'w':
    case 'W':
        return beginsWith("x-weir-");
    default:
        return false;
    }
}

/// Calls `take(offer, isReadable)` for each encoding of a field, with its weight; "" for an empty field. "*"
/// is not readable: it stands for what Weir cannot read.
template<typename Take>
void forEachOffer(std::string_view accepted, Take &&take)
{
    do {
        const std::size_t size = std::min(accepted.find(','), accepted.size());
        const std::string_view offer = trimmed(accepted.substr(0, size));
        take(offer, codingNamed(trimmed(offer.substr(0, offer.find(';')))).has_value());
        accepted.remove_prefix(std::min(size + 1, accepted.size()));
    } while (!accepted.empty());
}

/// What the upstream is offered in place of the encodings that the client accepts; absent if those can stay.
std::optional<std::string> otherOffer(const http::Headers &headers)
{
    const auto forEachOfAll = [&headers](auto &&take) {
        for (const http::Headers::Field field : headers) {
            if (http::equalsIgnoreCase(field.name, AcceptEncoding))
                forEachOffer(field.value, take);
        }
    };
    bool isAny = false;
    bool isAll = true;
    forEachOfAll([&](std::string_view, bool isReadable) {
        isAny = true;
        isAll = isAll && isReadable;
    });
    if (isAny && isAll) // as nearly always: nothing is to be built
        return std::nullopt;
    std::string readable;
    forEachOfAll([&](std::string_view offer, bool isReadable) {
        if (isReadable)
            readable.append(readable.empty() ? "" : ", ").append(offer);
    });
    // A client that names none wants none; the HTTP library would ask for gzip on its own account.
    return readable.empty() ? "identity" : readable;
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
    static constexpr http::NameSet Dropped(joined(
        http::HopByHopNames, std::array<std::string_view, 14>{
                                 "host", "content-length", "expect", "cookie", "forwarded", "via", "origin",
                                 "http2-settings", "x-original-url", "x-original-uri", "x-rewrite-url",
                                 "x-http-method-override", "x-http-method", "x-method-override"}));

    const std::vector<std::string_view> named = headers.namedByConnection();
    const std::optional<std::string> offer = otherOffer(headers);
    headers.removeIf([&](http::Headers::Field field) {
        return Dropped.contains(field.name) || isOfDroppedFamily(field.name) ||
               (auth != AuthMode::PassThrough && Fields.contains(field.name)) ||
               keys::holdsAccessKey(field.value) || (!named.empty() && http::isAmong(named, field.name));
    });
    if (offer)
        headers.set(AcceptEncoding, *offer);
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
