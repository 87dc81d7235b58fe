// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/auth.h"

#include "pipeline/exchange.h"
#include "pipeline/routes.h"

namespace weir::pipeline {

using base::Errc;

namespace {

bool isJson(const http::Headers &headers)
{
    std::string_view type = headers.find("content-type").value_or(std::string_view{});
    type = type.substr(0, type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t'))
        type.remove_suffix(1);
    return http::equalsIgnoreCase(type, "application/json");
}

} // namespace

Errc Auth::wrongCredential(const http::Headers &headers, llm::AuthMode mode)
{
    if (mode != llm::AuthMode::PassThrough)
        return Errc::None;
    switch (llm::findCredential(headers).kind) {
    case llm::Credential::Kind::Missing:
        return Errc::NoCredential;
    case llm::Credential::Kind::Conflicting:
        return Errc::AmbiguousCredential;
    case llm::Credential::Kind::Bearer:
    case llm::Credential::Kind::ApiKey:
        return Errc::None;
    }
    return Errc::None;
}

Verdict Auth::onHead(Exchange &exchange)
{
    if (exchange.page != LocalPage::None)
        return Verdict::Continue;
    const http::RequestHead &head = exchange.head();
    if (const Errc wrong = wrongCredential(head.headers, exchange.provider().auth); wrong != Errc::None)
        return exchange.refuse({wrong, {}});
    // A web page can send other types without asking first, so they are refused; uploads (files, audio) go to
    // other paths.
    if (head.hasBody() && llm::takesModel(exchange.endpoint().api) && !isJson(head.headers))
        return exchange.refuse({Errc::UnsupportedMediaType, {}});
    return Verdict::Continue;
}

} // namespace weir::pipeline
