// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

namespace weir::base {

namespace {

struct Entry
{
    std::string_view identifier;
    std::string_view sentence;
};

Entry entry(Errc code)
{
    switch (code) {
    case Errc::None:
        return {"none", "no error"};
    case Errc::MalformedRequest:
        return {"malformed_request", "the request is not valid HTTP/1.1"};
    case Errc::PathNotAllowed:
        return {"path_not_allowed", "this path is not passed on, because servers read it in different ways"};
    case Errc::TargetTooLong:
        return {"target_too_long", "the request line is too long"};
    case Errc::HeadTooLarge:
        return {"head_too_large", "the request headers are too large"};
    case Errc::BodyTooLarge:
        return {"body_too_large", "the request body is larger than limits.body_max"};
    case Errc::BodyTooLargeToHold:
        return {
            "body_too_large_to_hold",
            "the request body must be held whole before it is sent on, and is larger than limits.body_hold"};
    case Errc::RequestTimeout:
        return {"request_timeout", "the client took too long to send its request"};
    case Errc::ExpectationFailed:
        return {"expectation_failed", "only 'Expect: 100-continue' is understood"};
    case Errc::MethodNotAllowed:
        return {"method_not_allowed", "this method is not allowed here"};
    case Errc::UnsupportedMediaType:
        return {"unsupported_media_type", "this content type is not accepted here; send application/json"};
    case Errc::HostNotAllowed:
        return {"host_not_allowed", "this Host is not served here"};
    case Errc::OriginNotAllowed:
        return {"origin_not_allowed", "requests from web pages are not accepted"};
    case Errc::UpgradeNotServed:
        return {"upgrade_not_served", "WebSocket is not spoken here; send the same request over HTTP"};
    case Errc::NoCredential:
        return {"no_credential", "no API key in the request: send 'x-api-key' or 'Authorization: Bearer', "
                                 "Weir passes it on to the provider"};
    case Errc::NoAccessKey:
        return {"no_access_key", "Weir adds this provider's key itself, so it asks for one of its own access "
                                 "keys: send it as 'x-api-key' or 'Authorization: Bearer'"};
    case Errc::UnknownKey:
        return {"unknown_key", "this access key is not known"};
    case Errc::TooManyGuesses:
        return {"too_many_guesses", "too many unknown access keys have been tried; known ones still work"};
    case Errc::KeyPaused:
        return {"key_paused", "this access key is paused"};
    case Errc::KeyExpired:
        return {"key_expired", "this access key has expired"};
    case Errc::ModelNotAllowed:
        return {"model_not_allowed", "this access key may not use the model"};
    case Errc::AccessKeyNotForwarded:
        return {"access_key_not_forwarded",
                "this is an access key of Weir, but the provider wants its own key "
                "from the client (its auth is pass-through)"};
    case Errc::LimitReached:
        return {"limit_reached", "a limit is reached"};
    case Errc::TokensUncounted:
        return {"tokens_uncounted",
                "this access key has a limit on tokens, and what a request to this path uses "
                "cannot be counted"};
    case Errc::NotAdmin:
        return {"not_admin", "this page needs 'Authorization: Bearer' with the admin token of this run"};
    case Errc::QueryInvalid:
        return {"query_invalid", "this cannot be asked"};
    case Errc::FieldInvalid:
        return {"field_invalid", "a value cannot be accepted, nothing was changed"};
    case Errc::UnknownPath:
        return {"unknown_path", "nothing is served at this path"};
    case Errc::DoubledVersionPath:
        return {"doubled_version_path",
                "the path begins with /v1/v1: the client adds /v1 itself, so take the /v1 "
                "away from its base URL setting (ANTHROPIC_BASE_URL or OPENAI_BASE_URL)"};
    case Errc::UnknownProvider:
        return {"unknown_provider", "no provider of this name is configured"};
    case Errc::DialectNotSpoken:
        return {"dialect_not_spoken", "the provider does not speak this API dialect"};
    case Errc::UnknownPriority:
        return {"unknown_priority", "'X-Weir-Priority' is 'interactive' or 'background', once"};
    case Errc::InvalidJson:
        return {"invalid_json",
                "the request body is not valid JSON, and a rule for models or a limit must read it"};
    case Errc::BodyNotInspected:
        return {"body_not_inspected", "a rule for models or a limit must read the request body, and cannot"};
    case Errc::AliasDialect:
        return {"alias_dialect", "the model is moved, by an alias or by the access key, to a provider that "
                                 "does not speak this API dialect"};
    case Errc::ClientGone:
        return {"client_gone", "the client closed the connection"};
    case Errc::TooManyConnections:
        return {"too_many_connections", "as many client connections are open as there may be"};
    case Errc::TooManyExchanges:
        return {"too_many_exchanges", "limits.exchanges_max requests are in work"};
    case Errc::TooManyQuestions:
        return {"too_many_questions",
                "too many requests wait for what Weir has to look up for them; try again"};
    case Errc::MemoryBudget:
        return {"memory_budget",
                "Weir holds as much of request bodies as limits.memory_budget allows; try again"};
    case Errc::LimitsUnknown:
        return {"limits_unknown", "what this access key has used already is not known yet; try again"};
    case Errc::PoolQueueFull:
        return {"pool_queue_full", "the wait queue of the pool is full (pool.queue_max)"};
    case Errc::PoolQueueTimeout:
        return {"pool_queue_timeout", "no connection became free within pool.queue_wait_ms"};
    case Errc::UpstreamDown:
        return {"upstream_down", "the upstream cannot be reached"};
    case Errc::UpstreamCalm:
        return {"upstream_calm",
                "the upstream asks for fewer requests and has not taken this one; try again"};
    case Errc::Draining:
        return {"draining", "Weir is shutting down"};
    case Errc::UpstreamRefused:
        return {"upstream_refused", "the upstream refused the connection"};
    case Errc::UpstreamNotFound:
        return {"upstream_not_found", "the upstream's host name was not found"};
    case Errc::UpstreamTls:
        return {"upstream_tls", "the TLS handshake with the upstream failed"};
    case Errc::UpstreamClosed:
        return {"upstream_closed", "the upstream closed the connection"};
    case Errc::UpstreamProtocol:
        return {"upstream_protocol", "the upstream's answer is not valid HTTP"};
    case Errc::UpstreamRedirect:
        return {"upstream_redirect", "the upstream answered with a redirect, which Weir does not follow"};
    case Errc::UpstreamTruncated:
        return {"upstream_truncated", "the upstream's answer ended before it was complete"};
    case Errc::ConnectTimeout:
        return {"connect_timeout", "no connection to the upstream within timeouts.connect_ms"};
    case Errc::FirstByteTimeout:
        return {"first_byte_timeout", "the upstream did not begin to answer within timeouts.first_byte_ms"};
    case Errc::IdleTimeout:
        return {"idle_timeout", "the upstream sent nothing for timeouts.idle_ms"};
    case Errc::WriteStallTimeout:
        return {"write_stall_timeout", "the client read nothing for timeouts.write_stall_ms"};
    case Errc::StoreOff:
        return {"store_off",
                "nothing is kept, neither usage nor access keys, because store.enabled is false"};
    case Errc::StoreUnavailable:
        return {"store_unavailable", "the database cannot be used"};
    case Errc::StoreBroken:
        return {"store_broken", "the database is damaged"};
    case Errc::StoreInUse:
        return {"store_in_use", "the database is in use by another program"};
    case Errc::StoreNewer:
        return {"store_newer", "the database was written by a newer Weir; it is left as it is"};
    case Errc::NotStored:
        return {"not_stored", "nothing of this name is stored"};
    case Errc::ImportInvalid:
        return {"import_invalid", "the key file is not valid, nothing was imported"};
    case Errc::KeychainUnavailable:
        return {"keychain_unavailable", "the system's keychain is not available"};
    case Errc::KeychainDenied:
        return {"keychain_denied", "the system's keychain denied access"};
    case Errc::SecretInvalid:
        return {"secret_invalid", "this cannot be a secret"};
    case Errc::NoProviderSecret:
        return {"no_provider_secret", "no key is stored for this provider"};
    case Errc::ConfigInvalid:
        return {"config_invalid", "the configuration is not valid"};
    case Errc::FileUnreadable:
        return {"file_unreadable", "a file cannot be read"};
    case Errc::AddressInUse:
        return {"address_in_use", "the port is used by another program"};
    case Errc::AddressUnavailable:
        return {"address_unavailable", "the address cannot be listened on"};
    case Errc::Internal:
        return {"internal", "an error inside Weir"};
    }
    return {"internal", "an error inside Weir"};
}

} // namespace

std::string_view sentence(Errc code)
{
    return entry(code).sentence;
}

std::string_view identifier(Errc code)
{
    return entry(code).identifier;
}

Errc errcOf(std::string_view name)
{
    for (int code = 0; code <= int(Errc::Internal); ++code) {
        if (identifier(Errc(code)) == name)
            return Errc(code);
    }
    return Errc::None;
}

std::string describe(const Error &error)
{
    std::string text(sentence(error.code));
    if (!error.detail.empty()) {
        text += ": ";
        text += error.detail;
    }
    return text;
}

} // namespace weir::base
