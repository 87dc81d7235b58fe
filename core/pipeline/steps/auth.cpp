// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/auth.h"

#include "pipeline/exchange.h"
#include "pipeline/routes.h"

namespace weir::pipeline {

using base::Errc;

namespace {

/// The APIs that take JSON and nothing else. A web page can send other types without asking first, so they
/// are refused; uploads (files, audio) go to other paths.
bool takesJsonOnly(llm::Api api)
{
    switch (api) {
    case llm::Api::Messages:
    case llm::Api::CountTokens:
    case llm::Api::ChatCompletions:
    case llm::Api::Responses:
    case llm::Api::Embeddings:
        return true;
    case llm::Api::Models:
    case llm::Api::Other:
        return false;
    }
    return false;
}

bool isJson(const http::Headers &headers)
{
    std::string_view type = headers.find("content-type").value_or(std::string_view{});
    type = type.substr(0, type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t'))
        type.remove_suffix(1);
    return http::equalsIgnoreCase(type, "application/json");
}

} // namespace

Verdict Auth::onHead(Exchange &exchange)
{
    if (exchange.page != LocalPage::None)
        return Verdict::Continue;
    if (exchange.provider().auth == llm::AuthMode::PassThrough) {
        const llm::Credential credential = llm::findCredential(exchange.head().headers);
        switch (credential.kind) {
        case llm::Credential::Kind::Missing:
            return exchange.refuse({Errc::NoCredential, {}});
        case llm::Credential::Kind::Conflicting:
            return exchange.refuse({Errc::AmbiguousCredential, {}});
        case llm::Credential::Kind::Bearer:
        case llm::Credential::Kind::ApiKey:
            exchange.identify(credential.secret);
            break;
        }
    }
    const http::RequestHead &head = exchange.head();
    if (head.hasBody() && takesJsonOnly(exchange.endpoint().api) && !isJson(head.headers))
        return exchange.refuse({Errc::UnsupportedMediaType, {}});
    return Verdict::Continue;
}

} // namespace weir::pipeline
