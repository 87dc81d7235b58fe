// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "llm/credential.h"
#include "llm/dialect.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::llm {

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

/// The target at the upstream: the base's path, the version where the base does not hold it, and `rest`,
/// which is what follows "/v1" in the client's target, with its query (Place::rest). OpenAI bases hold the
/// version already ("https://api.openai.com/v1"), Anthropic bases do not. Two bases that people write
/// otherwise are understood: an OpenAI base without any path ("http://127.0.0.1:8000") gets the "/v1", an
/// Anthropic base that ends in "/v1" does not get a second one.
std::string upstreamTarget(Dialect dialect, const BaseUrl &base, std::string_view rest);
/// The same at a provider that speaks the dialect, without a credential in the query that is not for it.
std::string targetAt(const Provider &provider, Dialect dialect, std::string_view rest);

} // namespace weir::llm
