// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/headers.h"
#include "llm/dialect.h"
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::llm {

/// How an upstream is authorised.
enum class AuthMode : std::uint8_t
{
    PassThrough, ///< the client's own credential is passed on; none: 401
    Stored,      ///< Weir adds the provider's key; the client shows an access key of Weir
    None, ///< the upstream wants no key (local model servers, the simulated provider); none is asked for
};

/// A credential that a client has shown.
struct Credential
{
    enum class Place : std::uint8_t
    {
        Authorization, ///< of whatever scheme; the scheme is no part of the secret
        ApiKey,        ///< x-api-key
        OtherField,    ///< one that other vendors' SDKs use (api-key, x-goog-api-key, …)
        Query,         ///< ?key=…, ?api_key=…; still percent-encoded
    };
    Place place = Place::Authorization;
    std::string_view secret; ///< borrowed from the request; without blanks and quotes around it
    std::string_view scheme; ///< of a field that has one: "Bearer"; borrowed, too

    bool isMissing() const { return secret.empty(); }
};

/// All that a request shows, in the order of Credential::Place; empty ones are none.
class Credentials
{
public:
    /// More are not looked at. Whoever sends them gains nothing: in the modes that take credentials out, all
    /// go, and access keys never leave (authorise(), targetHoldsAccessKey()).
    static constexpr std::size_t CountMax = 4;

    void add(const Credential &credential);
    const Credential *begin() const { return m_all.data(); }
    const Credential *end() const { return m_all.data() + m_count; }

private:
    std::array<Credential, CountMax> m_all;
    std::size_t m_count = 0;
};
/// `query`: with or without its question mark.
Credentials findCredentials(const http::Headers &headers, std::string_view query);

/// The secret of `Authorization: Bearer …`, if there is exactly one such field; else "".
std::string_view bearerToken(const http::Headers &headers);

/// Makes the client's headers fit for the upstream: hop-by-hop fields, Host, Content-Length, Expect, cookies
/// and what says where the request comes from or goes to (forwarding fields) are taken out, and so is any
/// field that holds an access key of Weir. In pass-through mode the credentials stay as the client sent them;
/// in the other modes all are taken out: they are Weir's own, or meant for another vendor. Of the encodings
/// that the client accepts those stay that Weir can read, because nobody could count the tokens of others.
void authorise(http::Headers &headers, AuthMode auth);

/// `target` without the credentials in its query.
std::string withoutCredentials(std::string_view target);
/// Whether an access key of Weir stands somewhere in a target, percent-encoded or not. It must not be sent
/// on.
bool targetHoldsAccessKey(std::string_view target);

/// AuthMode::Stored, after authorise(): the provider's own key, as its dialect wants it.
void addSecret(http::Headers &headers, Dialect dialect, std::string_view secret);

} // namespace weir::llm
