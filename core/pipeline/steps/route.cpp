// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/route.h"

#include "pipeline/exchange.h"
#include "pipeline/routes.h"
#include <string>

namespace weir::pipeline {

using base::Errc;

Verdict Route::onHead(Exchange &exchange)
{
    const http::RequestHead &head = exchange.head();
    exchange.page = localPage(head.path());
    if (exchange.page != LocalPage::None) {
        if (!allowsMethod(exchange.page, head.method))
            return exchange.refuse({Errc::MethodNotAllowed, std::string(allowedMethods(exchange.page))});
        return Verdict::Continue;
    }

    // Codex tries it first, and takes this answer alone for "use HTTP". A handshake is always a GET.
    if (head.method == "GET" && head.headers.listContains("upgrade", "websocket"))
        return exchange.refuse({Errc::UpgradeNotServed, {}});

    // "/v1/…" goes to the provider of its dialect, "/{provider}/v1/…" to the one it names.
    const std::optional<llm::Place> place = llm::placeOf(head.target, head.headers);
    if (!place)
        return exchange.refuse({Errc::UnknownPath, std::string(servedPaths())});
    if (place->rest.starts_with("/v1/"))
        return exchange.refuse({Errc::DoubledVersionPath, {}});
    llm::Endpoint endpoint = place->endpoint;
    // Some vendors have calls below it that generate ("/v1/models/{model}:generateContent").
    if (endpoint.api == llm::Api::Models && head.hasBody())
        endpoint.api = llm::Api::Other;
    else if (endpoint.api == llm::Api::Other && !head.hasBody())
        endpoint.api = llm::Api::Lookup;
    const bool isAnthropic = endpoint.dialect == llm::Dialect::Anthropic;
    const std::string &named = !place->provider.empty() ? place->provider
                               : isAnthropic            ? m_options.anthropic
                                                        : m_options.openAi;

    const RoutedProvider *routed = m_options.find(named);
    if (!routed) {
        std::string known;
        for (const RoutedProvider &provider : m_options.providers)
            known += (known.empty() ? "" : ", ") + provider.provider.name;
        return exchange.refuse({Errc::UnknownProvider, named + " (configured: " + known + ")"});
    }
    exchange.setDestination(*routed, endpoint);
    if (!routed->provider.baseFor(endpoint.dialect)) {
        return exchange.refuse(
            {Errc::DialectNotSpoken,
             "'" + routed->provider.name + "' has no " + (isAnthropic ? "anthropic_base" : "openai_base")});
    }
    exchange.rest = place->rest;
    return Verdict::Continue;
}

} // namespace weir::pipeline
