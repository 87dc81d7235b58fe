// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/routes.h"

#include <array>

namespace weir::pipeline {

namespace {

struct Row
{
    std::string_view path;
    LocalPage page;
};

constexpr std::array<Row, 3> Pages{{
    {"/health", LocalPage::Health},
    {"/stats/all", LocalPage::Stats},
    {"/api/hello", LocalPage::Hello},
}};

} // namespace

LocalPage localPage(std::string_view path)
{
    for (const Row &row : Pages) {
        if (row.path == path)
            return row.page;
    }
    return LocalPage::None;
}

bool allowsMethod(LocalPage, std::string_view method)
{
    return method == "GET" || method == "HEAD";
}

std::string_view servedPaths()
{
    return "served are /v1/… (Anthropic: /v1/messages, /v1/messages/count_tokens; OpenAI: "
           "/v1/chat/completions, "
           "/v1/responses, /v1/embeddings, …; either: /v1/models), /{provider}/v1/…, and /health";
}

} // namespace weir::pipeline
