// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/route.h"

#include "pipeline/exchange.h"
#include "pipeline/routes.h"
#include <string>

namespace weir::pipeline {

using base::Errc;

namespace {

bool isUnderVersion(std::string_view path)
{
    return path.starts_with("/v1/");
}

} // namespace

Verdict Route::onHead(Exchange &exchange)
{
    const http::RequestHead &head = exchange.head();
    const std::string_view path = head.path();

    exchange.page = localPage(path);
    if (exchange.page != LocalPage::None) {
        if (!allowsMethod(exchange.page, head.method))
            return exchange.refuse({Errc::MethodNotAllowed, "GET and HEAD are"});
        return Verdict::Continue;
    }

    // "/v1/…" goes to the provider of its dialect, "/{provider}/v1/…" to the one it names.
    std::string_view target = head.target;
    std::string_view named;
    if (!isUnderVersion(path)) {
        const std::size_t slash = path.find('/', 1);
        if (slash == std::string_view::npos || !isUnderVersion(path.substr(slash)))
            return exchange.refuse({Errc::UnknownPath, std::string(servedPaths())});
        named = path.substr(1, slash - 1);
        target.remove_prefix(slash);
    }
    if (target.starts_with("/v1/v1/"))
        return exchange.refuse({Errc::DoubledVersionPath, {}});

    const auto endpoint = llm::recognise(target.substr(0, target.find('?')), head.headers);
    if (!endpoint)
        return exchange.refuse({Errc::UnknownPath, std::string(servedPaths())});
    const bool isAnthropic = endpoint->dialect == llm::Dialect::Anthropic;
    if (named.empty())
        named = isAnthropic ? m_options.anthropic : m_options.openAi;

    const RoutedProvider *routed = m_options.find(named);
    if (!routed) {
        std::string known;
        for (const RoutedProvider &provider : m_options.providers)
            known += (known.empty() ? "" : ", ") + provider.provider.name;
        return exchange.refuse({Errc::UnknownProvider, std::string(named) + " (configured: " + known + ")"});
    }
    exchange.setDestination(*routed, *endpoint);
    if (!routed->provider.baseFor(endpoint->dialect)) {
        return exchange.refuse(
            {Errc::DialectNotSpoken,
             "'" + routed->provider.name + "' has no " + (isAnthropic ? "anthropic_base" : "openai_base")});
    }
    exchange.target = target;
    return Verdict::Continue;
}

} // namespace weir::pipeline
