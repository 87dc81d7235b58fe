// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/auth.h"

#include "pipeline/exchange.h"
#include "pipeline/options.h"
#include "pipeline/pipeline.h"
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

Verdict Auth::onHead(Exchange &exchange)
{
    if (exchange.page != LocalPage::None && exchange.page != LocalPage::Stats)
        return Verdict::Continue;
    if (const Verdict verdict = identify(exchange); verdict != Verdict::Continue)
        return verdict;
    if (exchange.page != LocalPage::None)
        return Verdict::Continue;
    // A web page can send other types without asking first, so they are refused; uploads (files, audio) go to
    // other paths.
    const http::RequestHead &head = exchange.head();
    if (head.hasBody() && llm::takesModel(exchange.endpoint().api) && !isJson(head.headers))
        return exchange.refuse({Errc::UnsupportedMediaType, {}});
    return Verdict::Continue;
}

Verdict Auth::identify(Exchange &exchange) const
{
    const llm::Credential given = llm::findCredential(exchange.head().headers);
    exchange.caller.credential = given;
    const bool isOwnPage = exchange.page != LocalPage::None;
    const llm::AuthMode mode = isOwnPage ? llm::AuthMode::Stored : exchange.provider().auth;
    if (given.kind == llm::Credential::Kind::Conflicting && mode != llm::AuthMode::None)
        return exchange.refuse({Errc::AmbiguousCredential, {}});
    // An access key is known by how it begins, so that none is ever passed on; an imported one is expected
    // where nothing else can come.
    if (mode == llm::AuthMode::Stored || given.secret.starts_with(keys::KeyBeginning))
        return admit(exchange);
    if (mode == llm::AuthMode::PassThrough && given.secret.empty())
        return exchange.refuse({Errc::NoCredential, {}});
    return Verdict::Continue;
}

Verdict Auth::admit(Exchange &exchange) const
{
    const std::string_view shown = exchange.caller.credential.secret;
    if (shown.empty())
        return exchange.refuse({Errc::NoAccessKey, {}});
    if (!m_options.hasKeys)
        return exchange.refuse({Errc::StoreOff, {}});
    const keys::KeyHash hash = keys::hashOf(shown);
    KeyRing &ring = exchange.pipeline().keyRing();
    const keys::KeyCache::Found found = ring.find(hash);
    switch (found.answer) {
    case keys::KeyCache::Answer::Ask:
        exchange.pipeline().awaitKey(hash, exchange.id());
        return Verdict::Waits;
    case keys::KeyCache::Answer::Unknown:
        if (const base::Duration wait = ring.noteGuess(); wait > base::Duration::zero()) {
            const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
            return exchange.refuse({Errc::TooManyGuesses, {}, int(seconds)});
        }
        return exchange.refuse({Errc::UnknownKey, {}});
    case keys::KeyCache::Answer::Known:
        break;
    }
    exchange.caller.key = found.key;
    if (exchange.page != LocalPage::None)
        return Verdict::Continue; // what it has used is told of any key
    if (found.key->isPaused)
        return exchange.refuse({Errc::KeyPaused, found.key->label});
    if (found.key->isExpired(exchange.startedAt()))
        return exchange.refuse({Errc::KeyExpired, found.key->label});
    return exchange.reroute(found.key->provider);
}

} // namespace weir::pipeline
