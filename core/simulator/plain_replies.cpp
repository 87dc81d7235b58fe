// SPDX-License-Identifier: GPL-3.0-or-later
// Model lists and errors, in both dialects.
#include "llm/json_string.h"
#include "simulator/json_text.h"
#include "simulator/replies.h"
#include <algorithm>
#include <array>

namespace weir::simulator {

using llm::Dialect;

namespace {

/// Any model is answered; these are the ones that a list names.
constexpr std::array<std::string_view, 4> ModelIds{"claude-simulated", "gpt-simulated", "glm-simulated",
                                                   "text-embedding-simulated"};
constexpr std::string_view CreatedAt = "2025-01-01T00:00:00Z";
constexpr std::int64_t CreatedAtSeconds = 1'735'689'600; // the same moment

QByteArray modelObject(Dialect dialect, std::string_view id)
{
    if (dialect == Dialect::Anthropic)
        return concat(R"({"type":"model","id":)", llm::jsonString(id), R"(,"display_name":)",
                      llm::jsonString(id), R"(,"created_at":")", CreatedAt, R"("})");
    return concat(R"({"id":)", llm::jsonString(id), R"(,"object":"model","created":)", CreatedAtSeconds,
                  R"(,"owned_by":"weir-simulator"})");
}

struct ErrorKind
{
    int status;
    std::string_view anthropicType;
    std::string_view openAiType;
    std::string_view openAiCode; ///< JSON
};

constexpr std::array ErrorKinds{
    ErrorKind{400, "invalid_request_error", "invalid_request_error", "null"},
    ErrorKind{401, "authentication_error", "invalid_request_error", R"("invalid_api_key")"},
    ErrorKind{403, "permission_error", "invalid_request_error", R"("unsupported_country_region_territory")"},
    ErrorKind{404, "not_found_error", "invalid_request_error", R"("model_not_found")"},
    ErrorKind{405, "invalid_request_error", "invalid_request_error", "null"},
    ErrorKind{408, "timeout_error", "server_error", R"("request_timeout")"},
    ErrorKind{409, "invalid_request_error", "invalid_request_error", R"("conflict")"},
    ErrorKind{413, "request_too_large", "invalid_request_error", "null"},
    ErrorKind{422, "invalid_request_error", "invalid_request_error", "null"},
    ErrorKind{429, "rate_limit_error", "requests", R"("rate_limit_exceeded")"},
    ErrorKind{500, "api_error", "server_error", "null"},
    ErrorKind{502, "api_error", "server_error", "null"},
    ErrorKind{503, "api_error", "server_error", R"("service_unavailable")"},
    ErrorKind{504, "timeout_error", "server_error", "null"},
    ErrorKind{529, "overloaded_error", "server_error", R"("overloaded")"},
};

const ErrorKind &errorKind(int status)
{
    const auto row = std::find_if(ErrorKinds.begin(), ErrorKinds.end(),
                                  [status](const ErrorKind &kind) { return kind.status == status; });
    return row == ErrorKinds.end() ? ErrorKinds.front() : *row;
}

void addRateLimitFields(http::Headers &headers, Dialect dialect)
{
    headers.add("retry-after", "1");
    if (dialect == Dialect::Anthropic) {
        headers.add("anthropic-ratelimit-requests-limit", "50");
        headers.add("anthropic-ratelimit-requests-remaining", "0");
        headers.add("anthropic-ratelimit-requests-reset", "2030-01-01T00:00:00Z");
        headers.add("anthropic-ratelimit-tokens-limit", "80000");
        headers.add("anthropic-ratelimit-tokens-remaining", "0");
        headers.add("anthropic-ratelimit-tokens-reset", "2030-01-01T00:00:00Z");
        return;
    }
    headers.add("x-ratelimit-limit-requests", "500");
    headers.add("x-ratelimit-remaining-requests", "0");
    headers.add("x-ratelimit-reset-requests", "1s");
    headers.add("x-ratelimit-limit-tokens", "30000");
    headers.add("x-ratelimit-remaining-tokens", "0");
    headers.add("x-ratelimit-reset-tokens", "1s");
}

} // namespace

Script modelListReply(Dialect dialect, std::uint64_t serial)
{
    QByteArray models;
    for (const std::string_view id : ModelIds)
        models += (models.isEmpty() ? "" : ",") + modelObject(dialect, id);
    if (dialect == Dialect::Anthropic)
        return jsonScript(dialect, 200,
                          concat(R"({"data":[)", models, R"(],"has_more":false,"first_id":)",
                                 llm::jsonString(ModelIds.front()), R"(,"last_id":)",
                                 llm::jsonString(ModelIds.back()), "}"),
                          serial);
    return jsonScript(dialect, 200, concat(R"({"object":"list","data":[)", models, "]}"), serial);
}

Script modelReply(Dialect dialect, std::string_view id, std::uint64_t serial)
{
    return jsonScript(dialect, 200, modelObject(dialect, id), serial);
}

Script errorReply(Dialect dialect, int status, std::string_view message, std::uint64_t serial)
{
    const ErrorKind &kind = errorKind(status);
    const QByteArray body =
        dialect == Dialect::Anthropic
            ? concat(R"({"type":"error","error":{"type":")", kind.anthropicType, R"(","message":)",
                     llm::jsonString(message), R"(},"request_id":")", makeId("req_", serial), R"("})")
            : concat(R"({"error":{"message":)", llm::jsonString(message), R"(,"type":")", kind.openAiType,
                     R"(","param":null,"code":)", kind.openAiCode, "}}");
    Script script = jsonScript(dialect, status, body, serial);
    if (status == 429)
        addRateLimitFields(script.head.headers, dialect);
    else if (status == 503 || status == 529)
        script.head.headers.add("retry-after", "1");
    return script;
}

} // namespace weir::simulator
