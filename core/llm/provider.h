// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "http/message.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::llm {

/// The two families of request and reply shapes that Weir knows.
enum class Dialect : std::uint8_t
{
    Anthropic,
    OpenAi
};

/// What a path under /v1/ asks for. Other = passed through without being read.
enum class Api : std::uint8_t
{
    Messages,
    CountTokens,
    ChatCompletions,
    Responses,
    Embeddings,
    Models,
    Other
};

/// The APIs whose request is JSON, and nothing else, that names a model.
constexpr bool takesModel(Api api)
{
    switch (api) {
    case Api::Messages:
    case Api::CountTokens:
    case Api::ChatCompletions:
    case Api::Responses:
    case Api::Embeddings:
        return true;
    case Api::Models:
    case Api::Other:
        return false;
    }
    return false;
}

std::string_view name(Dialect dialect); ///< "anthropic", "openai"
std::string_view name(Api api);         ///< "messages", "count_tokens", …

/// Dialect and meaning of a path, e.g. "/v1/messages" (without query). Paths not under /v1/: nullopt.
/// Everything at or below `/v1/messages`, and `/v1/complete`, is Anthropic's; `/v1/chat`, `/v1/responses` and
/// `/v1/embeddings` are OpenAI's. What both vendors have (`/v1/models`, `/v1/files`, …) and what is not known
/// is Anthropic's if the request carries `anthropic-version`, else OpenAI's. A doubled version (`/v1/v1/…`)
/// is Other.
struct Endpoint
{
    Dialect dialect;
    Api api;
};
std::optional<Endpoint> recognise(std::string_view path, const http::Headers &headers);

/// How an upstream is authorised.
enum class AuthMode : std::uint8_t
{
    PassThrough, ///< the client's own credential is passed on; none: 401
    Stored,      ///< Weir adds the provider's key; the client shows an access key of Weir
    None, ///< the upstream wants no key (local model servers, the simulated provider); none is asked for
};

/// Scheme, host and port that one pool of lanes connects to, and the path that every request begins with.
struct BaseUrl
{
    bool tls = true;
    std::string host; ///< without brackets for IPv6; lower case
    std::uint16_t port = 443;
    std::string path; ///< "" or "/api/anthropic": no slash at the end

    bool operator==(const BaseUrl &) const = default;
    /// "https://api.z.ai:443": the origin in words.
    std::string origin() const;
};

/// Reads an http or https URL strictly (no user info, query or fragment; host not empty).
base::Result<BaseUrl> parseBaseUrl(std::string_view text);

/// One provider as the pipeline uses it. A value; absent base = dialect not spoken.
struct Provider
{
    std::string name;
    std::optional<BaseUrl> openAiBase;
    std::optional<BaseUrl> anthropicBase;
    AuthMode auth = AuthMode::PassThrough;
    std::string caFile; ///< PEM; "" = the system's

    const std::optional<BaseUrl> &baseFor(Dialect dialect) const
    {
        return dialect == Dialect::Anthropic ? anthropicBase : openAiBase;
    }
};

/// Joins base path and request target, keeping the base path and the query. OpenAI bases hold the version
/// already
/// ("https://api.openai.com/v1"), so "/v1/chat/completions" becomes base + "/chat/completions"; Anthropic
/// bases do not, so "/v1/messages" is appended whole. Two bases that people write otherwise are understood:
/// an OpenAI base without any path ("http://127.0.0.1:8000") keeps the "/v1", an Anthropic base that ends in
/// "/v1" does not get a second one.
std::string upstreamTarget(Dialect dialect, const BaseUrl &base, std::string_view target);

/// The credential a client sent. Views borrow from the headers.
struct Credential
{
    enum class Kind : std::uint8_t
    {
        Missing,
        Bearer,
        ApiKey,
        Conflicting
    };
    Kind kind = Kind::Missing;
    std::string_view secret;
};
/// `Authorization: Bearer` or `x-api-key`; both only with the same secret, each only once. Other schemes and
/// secrets above 8 KiB count as missing.
Credential findCredential(const http::Headers &headers);

/// Makes the client's headers fit for the upstream: hop-by-hop fields, Host, Content-Length, Expect, cookies
/// and forwarding fields go; the credential is kept in the form the client used (pass-through). In the other
/// modes the client's credential is removed: it is Weir's own, or meant for another vendor.
void authorise(http::Headers &headers, AuthMode auth);

/// AuthMode::Stored, after authorise(): the provider's own key, as its dialect wants it.
void addSecret(http::Headers &headers, Dialect dialect, std::string_view secret);

} // namespace weir::llm
