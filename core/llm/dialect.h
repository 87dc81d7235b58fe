// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/headers.h"
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

/// What a path under /v1/ asks for.
enum class Api : std::uint8_t
{
    Messages,
    CountTokens,
    ChatCompletions,
    Responses,   ///< its compaction included
    Completions, ///< the older form, which editors ask for what stands between two texts
    Embeddings,
    Models,
    Lookup, ///< anything else without a body: a list, a file, an answer of before. Costs nothing
    Other   ///< anything else; of its reply only the usage is read, if it tells any
};

/// The APIs whose request is JSON, and nothing else, that names a model.
constexpr bool takesModel(Api api)
{
    switch (api) {
    case Api::Messages:
    case Api::CountTokens:
    case Api::ChatCompletions:
    case Api::Responses:
    case Api::Completions:
    case Api::Embeddings:
        return true;
    case Api::Models:
    case Api::Lookup:
    case Api::Other:
        return false;
    }
    return false;
}

std::string_view name(Dialect dialect); ///< "anthropic", "openai"
std::string_view name(Api api);         ///< "messages", "count_tokens", …

struct Endpoint
{
    Dialect dialect;
    Api api;
};

/// What a request's target asks for. Decided here, once: routing, limits, rules, accounting and the shape of
/// errors all go by it.
struct Place
{
    std::string provider; ///< of "/{provider}/v1/…"; "" for a plain "/v1/…"
    std::string_view
        rest; ///< what follows "/v1", as the client wrote it, with the query; begins with a slash
    Endpoint endpoint{};
};

/// Reads a target in origin-form. Absent if nothing in it says "/v1/" where it has to stand.
///
/// Unreserved characters may be percent-encoded (RFC 3986 §6.2.2.2), the front may have doubled slashes and
/// the end one slash too many: the same path for every server. Beyond that servers differ: some decode
/// everything, fold letters, drop doubled slashes or what follows a semicolon. So a path that any of them may
/// take for one whose tokens are counted is that one. Nothing is made cheaper that way: what is free
/// (CountTokens, Models) is only what every server reads so.
///
/// Everything at or below `/v1/messages`, and `/v1/complete`, is Anthropic's; `/v1/chat`, `/v1/responses`,
/// `/v1/completions` and `/v1/embeddings` are OpenAI's. What both vendors have (`/v1/models`, `/v1/files`, …)
/// and what is not known is Anthropic's if the request carries `anthropic-version`, else OpenAI's.
std::optional<Place> placeOf(std::string_view target, const http::Headers &headers);

/// A path in the one spelling of those that mean the same everywhere: unreserved characters decoded, one
/// slash at the front, none at the end.
std::string plainPath(std::string_view path);

/// Why a path is not passed on, in words for the client; absent if all is well. A dot segment, written in
/// whatever way, would lead a server elsewhere than Weir has judged; NUL ends a path for some.
std::optional<std::string_view> pathFault(std::string_view path);

} // namespace weir::llm
