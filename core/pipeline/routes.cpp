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

constexpr std::string_view AdminFolder = "/admin/";
constexpr std::array<Row, 5> Pages{{
    {"/", LocalPage::Front},
    {"/health", LocalPage::Health},
    {"/stats", LocalPage::Stats},
    {"/stats/all", LocalPage::Usage},
    {"/api/hello", LocalPage::Hello},
}};

} // namespace

LocalPage localPage(std::string_view path)
{
    for (const Row &row : Pages) {
        if (row.path == path)
            return row.page;
    }
    return path.starts_with(AdminFolder) ? LocalPage::Admin : LocalPage::None;
}

bool allowsMethod(LocalPage page, std::string_view method)
{
    if (page == LocalPage::Admin) // each of its pages looks again
        return method == "GET" || method == "POST" || method == "PUT" || method == "PATCH" ||
               method == "DELETE";
    return method == "GET" || method == "HEAD";
}

std::string_view allowedMethods(LocalPage page)
{
    return page == LocalPage::Admin ? "GET, POST, PUT, PATCH and DELETE are" : "GET and HEAD are";
}

std::string_view servedPaths()
{
    return "served are /v1/… (Anthropic: /v1/messages, /v1/messages/count_tokens; OpenAI: "
           "/v1/chat/completions, "
           "/v1/responses, /v1/embeddings, …; either: /v1/models), /{provider}/v1/…, /health and /stats";
}

} // namespace weir::pipeline
