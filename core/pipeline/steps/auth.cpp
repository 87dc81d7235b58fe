// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/auth.h"

#include "llm/body_bytes.h"
#include "pipeline/exchange.h"
#include "pipeline/options.h"
#include "pipeline/pipeline.h"
#include "pipeline/routes.h"
#include <algorithm>
#include <iterator>

namespace weir::pipeline {

using base::Errc;
using Place = llm::Credential::Place;

namespace {

bool isJson(const http::Headers &headers)
{
    std::string_view type = headers.find("content-type").value_or(std::string_view{});
    type = type.substr(0, type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t'))
        type.remove_suffix(1);
    return http::equalsIgnoreCase(type, "application/json");
}

bool looksLikeAccessKey(const llm::Credential &credential)
{
    return credential.secret.starts_with(keys::KeyBeginning);
}

/// Beside a credential in the usual places one in another vendor's field is left out.
bool isLeftOut(const llm::Credential &credential, const llm::Credentials &shown)
{
    return credential.place == Place::OtherField && shown.begin()->place != Place::OtherField;
}

/// An access key that was made here is known by how it begins, so that none is ever passed on.
bool showAccessKey(const llm::Credentials &shown)
{
    return std::any_of(shown.begin(), shown.end(), [&shown](const llm::Credential &credential) {
        return looksLikeAccessKey(credential) && !isLeftOut(credential, shown);
    });
}

/// What may be an access key, the likeliest first: an imported one is expected where nothing else can come.
std::vector<llm::Credential> candidatesAmong(const llm::Credentials &shown, bool isOtherExpected)
{
    std::vector<llm::Credential> candidates;
    std::copy_if(shown.begin(), shown.end(), std::back_inserter(candidates), looksLikeAccessKey);
    if (!isOtherExpected)
        return candidates;
    std::copy_if(shown.begin(), shown.end(), std::back_inserter(candidates),
                 [](const llm::Credential &credential) { return !looksLikeAccessKey(credential); });
    return candidates;
}

/// The text of an access key stands in it, but it is none: behind other letters, or in Basic's base64.
bool hidesAccessKey(const llm::Credential &credential)
{
    if (!http::equalsIgnoreCase(credential.scheme, "Basic"))
        return keys::holdsAccessKey(credential.secret);
    const QByteArray encoded(credential.secret.data(), qsizetype(credential.secret.size()));
    return keys::holdsAccessKey(llm::viewOf(QByteArray::fromBase64(encoded)));
}

std::string_view nameOf(Place place)
{
    switch (place) {
    case Place::Authorization:
        return "'Authorization'";
    case Place::ApiKey:
        return "'x-api-key'";
    case Place::OtherField:
        return "a header field";
    case Place::Query:
        return "the query";
    }
    return "";
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
    const http::RequestHead &head = exchange.head();
    const llm::Credentials shown = llm::findCredentials(head.headers, head.query());
    const bool isOwnPage = exchange.page != LocalPage::None;
    const llm::AuthMode mode = isOwnPage ? llm::AuthMode::Stored : exchange.provider().auth;
    const bool isStored = mode == llm::AuthMode::Stored;
    if (isStored || showAccessKey(shown))
        return admit(exchange, candidatesAmong(shown, isStored));
    for (const llm::Credential &credential : shown) {
        if (credential.place == Place::OtherField && keys::holdsAccessKey(credential.secret))
            continue; // it is left out
        if (hidesAccessKey(credential))
            return exchange.refuse(
                {Errc::UnknownKey, std::string(nameOf(credential.place)) +
                                       " holds what looks like one, and something beside it; that is not "
                                       "passed on"});
        if (exchange.caller.credential.isMissing())
            exchange.caller.credential = credential;
    }
    if (mode == llm::AuthMode::PassThrough && exchange.caller.credential.isMissing())
        return exchange.refuse({Errc::NoCredential, {}});
    return Verdict::Continue;
}

Verdict Auth::admit(Exchange &exchange, const std::vector<llm::Credential> &candidates) const
{
    if (candidates.empty())
        return exchange.refuse({Errc::NoAccessKey, {}});
    if (!m_options.hasKeys)
        return exchange.refuse({Errc::StoreOff, {}});
    KeyRing &ring = exchange.pipeline().keyRing();
    // Those before are known to be none; the step comes here again after it has waited.
    for (std::size_t &at = exchange.caller.candidatesTried; at < candidates.size(); ++at) {
        const keys::KeyHash hash = keys::hashOf(candidates[at].secret);
        const keys::KeyCache::Found found = ring.find(hash);
        switch (found.answer) {
        case keys::KeyCache::Answer::Ask:
            if (const auto awaited = exchange.pipeline().awaitKey(hash, exchange.id()); !awaited)
                return exchange.refuse(awaited.error());
            return Verdict::Waits;
        case keys::KeyCache::Answer::Unknown:
            break;
        case keys::KeyCache::Answer::Known:
            exchange.caller.credential = candidates[at];
            exchange.caller.key = found.key;
            return letIn(exchange);
        }
    }
    if (const base::Duration wait = ring.noteGuess(); wait > base::Duration::zero()) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
        return exchange.refuse({Errc::TooManyGuesses, {}, int(seconds)});
    }
    return exchange.refuse({Errc::UnknownKey, {}});
}

Verdict Auth::letIn(Exchange &exchange) const
{
    if (exchange.page != LocalPage::None)
        return Verdict::Continue; // what it has used is told of any key
    const keys::AccessKey &key = *exchange.caller.key;
    if (key.isPaused)
        return exchange.refuse({Errc::KeyPaused, key.label});
    if (key.isExpired(exchange.startedAt()))
        return exchange.refuse({Errc::KeyExpired, key.label});
    return exchange.reroute(key.provider) ? Verdict::Continue : Verdict::Answered;
}

} // namespace weir::pipeline
