// SPDX-License-Identifier: GPL-3.0-or-later
// The way of a request from its client to its upstream.
#include "llm/body_bytes.h"
#include "llm/coded_body.h"
#include "llm/request_probe.h"
#include "pipeline/caller_id.h"
#include "pipeline/exchange.h"
#include "pipeline/pipeline.h"
#include "upstream/pooled_call.h"
#include <algorithm>
#include <utility>

namespace weir::pipeline {

using base::Errc;
using base::Error;
using profiling::Stage;
using profiling::Work;

namespace {

/// Unknown paths, too: what is told of an image's tokens has the price of its model.
bool mayNameModel(llm::Api api)
{
    return llm::takesModel(api) || api == llm::Api::Other;
}

} // namespace

void Exchange::forward()
{
    const base::Instant now = m_pipeline.clock().now();
    timeline().mark(Stage::Authorised, now);
    timeline().addOwn(Work::Deciding, now - m_arrival.headDone);
    // Before the fields are handed on. What cannot be read streams by, and its model stays unknown.
    const std::optional<llm::Coding> coding = llm::codingOf(m_head.headers);
    m_coding = coding.value_or(llm::Coding::Identity);
    m_probing = !m_wantsBody && coding && mayNameModel(endpoint().api);
    const std::int64_t announced = m_head.contentLength.value_or(0);
    if (m_wantsBody && announced > m_pipeline.options().bodyHold) {
        if (!passLargeBody())
            return;
    } else if (m_wantsBody || (m_head.chunked && pool().needsBodySize())) {
        m_gathering = true; // launched when it is whole
    } else if (!launch(m_head.contentLength, now)) {
        return;
    }
    m_reply->continueBody();
}

upstream::Pool &Exchange::pool() const
{
    return m_pipeline.poolOf(*m_provider, endpoint().dialect);
}

bool Exchange::reroute(std::string_view name)
{
    Q_ASSERT(!m_flight);
    if (name.empty() || name == provider().name)
        return true;
    const RoutedProvider *other = m_pipeline.options().routes.find(name);
    if (!other) { // of an alias it has been checked; of an access key, too, but long ago
        refuse({Errc::UnknownProvider, std::string(name)});
        return false;
    }
    setDestination(*other, endpoint());
    if (!provider().baseFor(endpoint().dialect)) {
        const bool isAnthropic = endpoint().dialect == llm::Dialect::Anthropic;
        refuse({Errc::AliasDialect,
                "'" + provider().name + "' has no " + (isAnthropic ? "anthropic_base" : "openai_base")});
        return false;
    }
    return true;
}

/// Who calls, for the record; by the provider that is really asked.
void Exchange::identify()
{
    if (provider().auth != llm::AuthMode::PassThrough)
        return;
    if (const auto &key = m_pipeline.callerKey())
        m_record.caller = callerId(key->reveal(), provider().name, caller.credential.secret);
}

/// What is wrong with asking this provider with what the client has shown.
Errc Exchange::credentialMismatch() const
{
    switch (provider().auth) {
    case llm::AuthMode::PassThrough:
        if (caller.key)
            return Errc::AccessKeyNotForwarded;
        return caller.credential.secret.empty() ? Errc::NoCredential : Errc::None;
    case llm::AuthMode::Stored:
        return caller.key ? Errc::None : Errc::NoAccessKey;
    case llm::AuthMode::None:
        break;
    }
    return Errc::None;
}

bool Exchange::launch(std::optional<std::int64_t> bodySize, base::Instant workSince)
{
    if (const Errc wrong = credentialMismatch(); wrong != Errc::None) {
        refuse({wrong, provider().name});
        return false;
    }
    ProviderSecret secret = std::shared_ptr<const base::Secret>();
    if (provider().auth == llm::AuthMode::Stored) {
        secret = m_pipeline.providerSecret(provider().name);
        if (!secret) {
            refuse(secret.error());
            return false;
        }
    }
    identify();
    upstream::CallRequest request;
    request.method = m_head.method;
    request.target = llm::targetAt(provider(), endpoint().dialect, rest);
    if (llm::targetHoldsAccessKey(request.target)) {
        refuse({Errc::UnknownKey, "the address holds what looks like one; that is not passed on"});
        return false;
    }
    request.headers = std::move(m_head.headers);
    request.hasBody = m_head.chunked || m_head.contentLength.has_value();
    request.bodySize = bodySize;
    request.priority = priority;
    llm::authorise(request.headers, provider().auth);
    m_secret = *secret;
    if (m_secret)
        llm::addSecret(request.headers, endpoint().dialect, m_secret->reveal());
    m_flight.emplace(static_cast<Rider &>(*this), endpoint().api, m_pipeline.clock());
    upstream::Pool &chosen = pool();
    m_record.pool = chosen.number();
    const base::Instant now = m_pipeline.clock().now();
    timeline().addOwn(Work::Preparing, now - workSince);
    const auto launched = m_flight->launch(chosen, std::move(request), now);
    if (!launched) {
        refuse(launched.error());
        return false;
    }
    return true;
}

void Exchange::body(QByteArray bytes)
{
    m_record.requestBytes += bytes.size();
    if (page != LocalPage::None && !m_gathering)
        return; // the page wants none
    keepForRecord(bytes);
    if (m_gathering) {
        gather(std::move(bytes));
    } else if (filter) {
        filter->feed(bytes);
        passFiltered(false);
    } else {
        sendOn(std::move(bytes));
    }
}

void Exchange::gather(QByteArray bytes)
{
    // A single piece is shared. Several are put together as they come: kept apart, those of bodies that come
    // at the same time would lie between each other, and leave holes of no use when they are joined. Room is
    // made by what has come, and never for what is announced, which costs the client nothing.
    if (m_whole.isEmpty())
        m_whole = std::move(bytes);
    else
        m_whole.append(bytes);
    if (m_record.requestBytes <= m_pipeline.options().bodyHold) {
        account();
        return;
    }
    if (!m_wantsBody) {
        refuse(tooLargeToHold(m_pipeline.options().bodyHold));
        return;
    }
    m_gathering = false;
    if (!passLargeBody())
        return;
    QByteArray gathered = std::exchange(m_whole, {});
    if (!filter) {
        sendOn(std::move(gathered));
        return;
    }
    filter->feed(gathered);
    passFiltered(false);
}

/// The steps that wanted the body cannot have it whole.
bool Exchange::passLargeBody()
{
    for (const auto &step : m_pipeline.steps()) {
        if (step->onLargeBody(*this) == BodyVerdict::Answered)
            return false;
    }
    if (filter)
        return passFiltered(false);
    if (!m_head.contentLength && pool().needsBodySize()) {
        refuse(tooLargeToHold(m_pipeline.options().bodyHold));
        return false;
    }
    return launch(m_head.contentLength, m_pipeline.clock().now());
}

/// Sends on what the filter has let pass, once it is known whom to. False if the exchange is over.
bool Exchange::passFiltered(bool isWhole)
{
    if (const std::optional<Error> fault = filter->fault()) {
        stop(*fault);
        return false;
    }
    if (!m_flight) {
        if (!filter->isProviderKnown() && !isWhole && filter->heldSize() <= m_pipeline.options().bodyHold)
            return account();
        filter->fixProvider();
        if (!reroute(filter->provider()))
            return false;
        if (pool().needsBodySize()) { // and nobody knows it before the last byte
            refuse(tooLargeToHold(m_pipeline.options().bodyHold));
            return false;
        }
        if (!launch(std::nullopt, m_pipeline.clock().now()))
            return false;
    }
    for (QByteArray &piece : filter->take()) {
        sendOn(std::move(piece));
        if (m_over)
            return false;
    }
    return true;
}

void Exchange::sendOn(QByteArray bytes)
{
    m_unsent = std::min<std::int64_t>(m_unsent + bytes.size(), upstream::BodyHighWatermark);
    m_flight->sendBody(std::move(bytes));
    if (account() && m_flight->isBodyFull())
        m_reply->pauseBody();
}

void Exchange::bodyEnd()
{
    if (m_isWaiting) {
        m_isBodyEnded = true;
        return;
    }
    if (page != LocalPage::None && !m_gathering)
        return;
    const base::Instant came = m_pipeline.clock().now();
    timeline().mark(Stage::BodyDone, came);
    if (m_gathering && !sendGathered(came))
        return;
    if (filter) {
        filter->finish();
        if (!passFiltered(true))
            return;
    }
    m_flight->endBody(came);
    readForRecord(); // after the last byte has left: nobody waits for this
}

bool Exchange::sendGathered(base::Instant came)
{
    m_gathering = false;
    std::int64_t size = m_record.requestBytes;
    if (page != LocalPage::None || (m_wantsBody && size > 0)) {
        for (const auto &step : m_pipeline.steps()) {
            if (step->onBody(*this) != BodyVerdict::Continue)
                return false;
        }
        timeline().mark(Stage::BodyDecided, m_pipeline.clock().now());
    }
    std::vector<QByteArray> pieces;
    if (m_edit) {
        pieces = m_edit->pieces();
        size = m_edit->size();
        m_head.headers.remove("content-encoding"); // what is edited has been decoded
    } else if (size > 0) {
        pieces.push_back(m_encoded.isEmpty() ? m_whole : m_encoded);
    }
    if (m_probing)
        m_probed = pieces;
    m_edit.reset();
    m_whole.clear();
    m_encoded.clear();
    // As the client has framed it, if that will do.
    const bool isSizeTold = m_head.contentLength.has_value() || pool().needsBodySize();
    m_unsent = std::max(m_record.requestBytes, size);
    if (!launch(isSizeTold ? std::optional(size) : std::nullopt, came))
        return false;
    for (QByteArray &piece : pieces)
        m_flight->sendBody(std::move(piece));
    return true;
}

BodyVerdict Exchange::decodeBody()
{
    if (m_coding == llm::Coding::Identity)
        return BodyVerdict::Continue;
    auto decoded = llm::decodedBody(m_whole, m_coding, m_pipeline.options().bodyHold);
    if (!decoded)
        return refuse(decoded.error());
    m_encoded = std::exchange(m_whole, std::move(*decoded));
    return account() ? BodyVerdict::Continue : BodyVerdict::Answered;
}

llm::JsonEdit &Exchange::edit()
{
    if (!m_edit)
        m_edit.emplace(m_whole);
    return *m_edit;
}

void Exchange::keepForRecord(const QByteArray &bytes)
{
    if (!m_probing)
        return;
    m_probing = m_record.requestBytes <= llm::ProbeBytesMax;
    if (!m_probing)
        m_probed.clear();
    else if (!m_gathering) // else it is there, in one
        m_probed.push_back(bytes);
}

void Exchange::readForRecord()
{
    if (m_probing && !m_probed.empty())
        m_record.modelRequested = llm::probeRequest(llm::joined(std::exchange(m_probed, {})), m_coding).model;
}

void Exchange::stop(const Error &why)
{
    if (m_flight)
        m_flight->cancel();
    onReplyFailed(why);
}

void Exchange::bodyFailed(Error why)
{
    stop(why);
}

void Exchange::onBodyWanted()
{
    m_reply->resumeBody();
}

void Exchange::onRequestSent()
{
    m_unsent = 0;
    giveBack();
}

void Exchange::abandon(Error why)
{
    // QNetworkAccessManager tells of the end some time after the last byte, which is all the client waits
    // for.
    const bool isWhole = m_flight && m_flight->hasWholeBody();
    if (m_flight)
        m_flight->cancel();
    if (isWhole)
        finish(metrics::Outcome::Completed);
    else
        finish(metrics::Outcome::Cancelled, why.code);
}

} // namespace weir::pipeline
