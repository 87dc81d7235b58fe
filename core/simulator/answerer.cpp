// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/answerer.h"

#include "llm/credential.h"
#include "simulator/behaviour.h"
#include "simulator/replies.h"
#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace weir::simulator {

using llm::Api;
using llm::Dialect;

namespace {

/// A path is known by its end, so that every base path works: "/v1/messages", "/api/anthropic/v1/messages".
struct Route
{
    std::string_view suffix;
    Dialect dialect;
    Script (*reply)(const ReplyContext &);
    bool hasInputs = false;
};

// `count_tokens` needs no order: its path does not end in "/messages".
constexpr std::array Routes{
    Route{"/messages", Dialect::Anthropic, messagesReply},
    Route{"/messages/count_tokens", Dialect::Anthropic, countTokensReply},
    Route{"/chat/completions", Dialect::OpenAi, chatReply},
    Route{"/responses", Dialect::OpenAi, responsesReply},
    Route{"/embeddings", Dialect::OpenAi, embeddingsReply, true},
};

const Route *findRoute(std::string_view path)
{
    for (const Route &route : Routes) {
        if (path.ends_with(route.suffix))
            return &route;
    }
    return nullptr;
}

/// Dialect of a path that both share.
Dialect dialectByHeaders(const http::Headers &headers)
{
    return headers.contains("anthropic-version") ? Dialect::Anthropic : Dialect::OpenAi;
}

bool hasCredential(const http::Headers &headers)
{
    return headers.contains("authorization") || headers.contains("x-api-key");
}

/// Model of "…/models/ID", percent-decoded; "" for the list; nothing for other paths.
std::optional<std::string> modelInPath(std::string_view path)
{
    constexpr std::string_view Folder = "/models";
    if (path.ends_with(Folder))
        return std::string();
    const std::size_t at = path.rfind("/models/");
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view id = path.substr(at + Folder.size() + 1);
    return QByteArray::fromPercentEncoding(QByteArray(id.data(), qsizetype(id.size()))).toStdString();
}

std::string_view errorMessage(int status)
{
    switch (status) {
    case 401:
        return "Incorrect API key provided (simulated).";
    case 403:
        return "This key may not use this model (simulated).";
    case 404:
        return "The model does not exist (simulated).";
    case 408:
        return "The request took too long (simulated).";
    case 409:
        return "Another request is in the way (simulated).";
    case 413:
        return "The request is too large (simulated).";
    case 422:
        return "The request cannot be processed (simulated).";
    case 429:
        return "Rate limit reached, try again in 1 s (simulated).";
    case 500:
        return "Internal server error (simulated).";
    case 502:
        return "Bad gateway (simulated).";
    case 504:
        return "Gateway timeout (simulated).";
    case 503:
        return "The service is unavailable (simulated).";
    case 529:
        return "Overloaded (simulated).";
    default:
        return "The request is invalid (simulated).";
    }
}

/// Tokens in a text of this size; rough, but plausible and the same each time.
std::int64_t tokensIn(qsizetype bytes)
{
    constexpr qsizetype BytesPerToken = 4;
    return std::max<std::int64_t>(1, bytes / BytesPerToken);
}

/// From 1,024 tokens on (the least that providers cache) half of them are said to come from the cache.
std::int64_t cachedPart(std::int64_t tokens)
{
    constexpr std::int64_t CachedFrom = 1024;
    return tokens < CachedFrom ? 0 : tokens / 2;
}

Script helloReply(std::uint64_t serial)
{
    return jsonScript(Dialect::Anthropic, 200, QByteArrayLiteral(R"({"message":"hello"})"), serial);
}

Script wrongMethod(Dialect dialect, std::string_view allowed, std::uint64_t serial)
{
    Script script = errorReply(dialect, 405, "This path answers " + std::string(allowed) + " only.", serial);
    script.head.headers.add("allow", allowed);
    return script;
}

} // namespace

Script Answerer::answer(const Request &request, base::WallMs now)
{
    ++m_serial;
    Script script = replyTo(request, now);
    if (request.head.method == "HEAD")
        script.pieces.clear(); // the head keeps the length that GET would have
    return script;
}

Script Answerer::replyTo(const Request &request, base::WallMs now)
{
    const http::RequestHead &head = request.head;
    const std::string_view path = head.path();
    const bool isReading = head.method == "GET" || head.method == "HEAD";
    if (isReading && (path == "/" || path == "/api/hello"))
        return helloReply(m_serial);

    const Route *route = findRoute(path);
    const Dialect dialect = route ? route->dialect : dialectByHeaders(head.headers);
    if (m_options.requireKey && !hasCredential(head.headers))
        return errorReply(dialect, 401, "No API key was sent: Authorization and x-api-key are missing.",
                          m_serial);
    if (route)
        return head.method == "POST" ? answerCall(request, now) : wrongMethod(dialect, "POST", m_serial);

    const auto model = modelInPath(path);
    if (!model)
        return errorReply(dialect, 404, "The simulated provider has nothing at " + std::string(path) + ".",
                          m_serial);
    if (!isReading)
        return wrongMethod(dialect, "GET", m_serial);
    return model->empty() ? modelListReply(dialect, m_serial) : modelReply(dialect, *model, m_serial);
}

Script Answerer::answerCall(const Request &request, base::WallMs now)
{
    const Route &route = *findRoute(request.head.path());
    const auto facts =
        route.hasInputs ? m_bodyReader.readEmbeddings(request.body) : m_bodyReader.read(request.body);
    if (!facts)
        return errorReply(route.dialect, 400, facts.error().detail, m_serial);
    if (facts->model.empty())
        return errorReply(route.dialect, 400, "model: Field required", m_serial);
    const auto behaviour = behaviourFor(facts->model, m_options);
    if (!behaviour)
        return errorReply(route.dialect, 400, behaviour.error().detail, m_serial);

    const std::int64_t tokens = tokensIn(request.body.size());
    const ReplyContext context{*facts, *behaviour, m_serial, now, tokens, cachedPart(tokens)};
    std::string message(errorMessage(behaviour->errorStatus));
    if (behaviour->echoesKey) {
        for (const llm::Credential &shown : llm::findCredentials(request.head.headers, request.head.query()))
            message += " You have sent " + std::string(shown.secret);
    }
    Script script = behaviour->errorStatus
                        ? errorReply(route.dialect, behaviour->errorStatus, message, m_serial)
                        : route.reply(context);
    script.firstByteMs = behaviour->firstByteMs;
    if (!behaviour->retryAfter.empty())
        script.head.headers.set("retry-after", behaviour->retryAfter);
    if (const auto broken = breakScript(*behaviour, request.http2, script); !broken)
        return errorReply(route.dialect, 400, broken.error().detail, m_serial);
    return script;
}

} // namespace weir::simulator
