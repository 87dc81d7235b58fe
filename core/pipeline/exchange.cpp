// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/exchange.h"

#include "llm/request_probe.h"
#include "pipeline/caller_id.h"
#include "pipeline/error_reply.h"
#include "pipeline/pipeline.h"
#include "pipeline/tool_name.h"
#include "upstream/health.h"

namespace weir::pipeline {

using base::Errc;
using base::Error;
using metrics::Outcome;
using profiling::Stage;

Exchange::Exchange(Pipeline &pipeline, base::ExchangeId id, http::RequestHead head,
                   const server::Arrival &arrival, server::Reply &reply)
    : m_pipeline(pipeline), m_head(std::move(head)), m_arrival(arrival), m_reply(&reply)
{
    m_record.id = id;
    m_record.startedAt = pipeline.clock().wallNow();
    m_record.timeline = profiling::Timeline(pipeline.options().detailedTimeline);
    m_record.timeline.mark(Stage::HeadBegan, arrival.headBegan);
    m_record.timeline.mark(Stage::HeadDone, arrival.headDone);
    m_record.method = m_head.method;
    m_record.path = std::string(m_head.path());
    m_record.tool = toolName(m_head.headers.find("user-agent").value_or(std::string_view{}));
}

Exchange::~Exchange() = default;

void Exchange::setDestination(const RoutedProvider &provider, llm::Endpoint endpoint)
{
    m_provider = &provider;
    m_record.provider = provider.provider.name;
    m_record.endpoint = endpoint;
}

void Exchange::identify(std::string_view credential)
{
    if (const auto &key = m_pipeline.callerKey())
        m_record.caller = callerId(key->reveal(), provider().name, credential);
}

// ── client -> upstream

void Exchange::forward()
{
    timeline().mark(Stage::Authorised, m_pipeline.clock().now());
    const llm::Api api = endpoint().api;
    m_probing = api != llm::Api::Other && api != llm::Api::Models;
    m_reply->continueBody();
    if (m_head.chunked && pool().needsBodySize()) {
        m_gathering = true; // launched when its length is known
        return;
    }
    launch(m_head.contentLength, m_arrival.headDone);
}

upstream::Pool &Exchange::pool() const
{
    const std::optional<llm::BaseUrl> &base = provider().baseFor(endpoint().dialect);
    return m_pipeline.pools().pool(provider().name,
                                   {base->tls, base->host, base->port, m_provider->authorities});
}

bool Exchange::launch(std::optional<std::int64_t> bodySize, base::Instant workSince)
{
    upstream::CallRequest request;
    request.method = m_head.method;
    request.target = upstreamPath;
    request.headers = std::move(m_head.headers);
    request.hasBody = m_head.chunked || m_head.contentLength.has_value();
    request.bodySize = bodySize;
    request.priority = priority;
    llm::authorise(request.headers, provider().auth);
    m_flight.emplace(static_cast<Rider &>(*this), endpoint().api, m_pipeline.clock());
    timeline().addOwn(m_pipeline.clock().now() - workSince);
    upstream::Pool &chosen = pool();
    m_record.pool = chosen.number();
    const auto launched = m_flight->launch(chosen, std::move(request));
    if (!launched) {
        refuse(launched.error());
        return false;
    }
    return true;
}

void Exchange::body(QByteArray bytes)
{
    m_record.requestBytes += bytes.size();
    if (page != LocalPage::None)
        return; // no page of Weir's own wants one
    if (m_probing) {
        m_probing = m_record.requestBytes <= llm::ProbeBytesMax;
        if (m_probing)
            m_probed.push_back(bytes);
        else
            m_probed.clear();
    }
    if (!m_gathering) {
        m_flight->sendBody(std::move(bytes));
        if (m_flight->isBodyFull())
            m_reply->pauseBody();
        return;
    }
    if (m_record.requestBytes > m_pipeline.options().bodyHold) {
        refuse({Errc::BodyTooLargeToHold, std::to_string(m_pipeline.options().bodyHold) + " bytes"});
        return;
    }
    m_gathered.push_back(std::move(bytes));
}

void Exchange::bodyEnd()
{
    if (page != LocalPage::None)
        return;
    const base::Instant came = m_pipeline.clock().now();
    timeline().mark(Stage::BodyDone, came);
    if (m_gathering) {
        if (!launch(m_record.requestBytes, came))
            return;
        for (QByteArray &piece : m_gathered)
            m_flight->sendBody(std::move(piece));
        m_gathered.clear();
    }
    m_flight->endBody();
    probe(); // after the last byte has left: nobody waits for this
}

void Exchange::probe()
{
    if (!m_probing || m_probed.empty())
        return;
    QByteArray whole = std::move(m_probed.front());
    if (m_probed.size() > 1) {
        whole.reserve(m_record.requestBytes);
        for (std::size_t at = 1; at < m_probed.size(); ++at)
            whole += m_probed[at];
    }
    m_probed.clear();
    m_record.modelRequested = llm::probeRequest(whole).model;
}

void Exchange::bodyFailed(Error why)
{
    if (m_flight)
        m_flight->cancel();
    if (!m_headSent) {
        refuse(why);
        return;
    }
    m_reply->cut();
    finish(Outcome::Truncated, why.code);
}

void Exchange::onBodyWanted()
{
    m_reply->resumeBody();
}

void Exchange::abandon(Error why)
{
    if (m_flight)
        m_flight->cancel();
    finish(Outcome::Cancelled, why.code);
}

// ── upstream -> client

void Exchange::onReplyHead(http::ResponseHead head)
{
    const base::Instant came = m_pipeline.clock().now();
    m_record.status = head.status;
    m_record.streamed = m_flight->meter()->isEventStream();
    m_mayAddEvent = m_record.streamed && !head.contentLength && !head.headers.contains("content-encoding");
    m_headSent = true;
    m_reply->sendHead(std::move(head));
    timeline().addOwn(m_pipeline.clock().now() - came);
}

void Exchange::onReplyChunk(QByteArray bytes)
{
    const base::Instant came = m_pipeline.clock().now();
    const qsizetype size = bytes.size();
    m_record.replyBytes += size;
    if (size >= 2)
        m_lastBytes[0] = bytes[size - 2];
    else if (size == 1)
        m_lastBytes[0] = m_lastBytes[1];
    if (size >= 1)
        m_lastBytes[1] = bytes[size - 1];
    m_reply->sendChunk(std::move(bytes));
    if (m_reply->isFull())
        m_flight->pause();
    timeline().addOwn(m_pipeline.clock().now() - came);
}

void Exchange::drained()
{
    if (m_flight)
        m_flight->resume();
}

void Exchange::onReplyEnd()
{
    const base::Instant came = m_pipeline.clock().now();
    m_reply->end();
    timeline().addOwn(m_pipeline.clock().now() - came);
    finish(Outcome::Completed);
}

void Exchange::onReplyFailed(Error error)
{
    if (!m_headSent) {
        refuse(error);
        return;
    }
    sendErrorEvent(error);
    m_reply->cut();
    finish(Outcome::Truncated, error.code);
}

void Exchange::sendErrorEvent(const Error &error)
{
    if (!m_mayAddEvent)
        return;
    // An open event is ended first, so that ours is not read as a part of it.
    const bool atEventEnd = m_lastBytes[1] == '\n' && (m_lastBytes[0] == '\n' || m_lastBytes[0] == '\r');
    m_reply->sendChunk((atEventEnd ? "" : "\n\n") + errorEvent(error, endpoint()));
}

// ── ends

llm::Dialect Exchange::dialect() const
{
    if (m_record.endpoint)
        return m_record.endpoint->dialect;
    return m_pipeline.guessDialect(m_record.path, m_head.headers);
}

Verdict Exchange::refuse(const Error &error)
{
    ErrorReply reply = errorReply(error, dialect());
    m_record.status = reply.head.status;
    m_headSent = true;
    m_reply->sendHead(std::move(reply.head));
    m_reply->sendChunk(std::move(reply.body));
    m_reply->end();
    // What was sent on, or could not be for want of a connection, is the upstream's affair; everything else
    // was answered here.
    const bool isUpstreams = m_flight && (m_flight->gotLane() || upstream::isConnectFailure(error.code) ||
                                          error.code == Errc::UpstreamDown);
    finish(isUpstreams ? Outcome::Failed : Outcome::Answered, error.code);
    return Verdict::Answered;
}

Verdict Exchange::answer(std::string_view contentType, QByteArray body)
{
    http::ResponseHead head;
    head.headers.add("Content-Type", contentType);
    head.contentLength = body.size();
    m_record.status = head.status;
    m_record.replyBytes = body.size();
    m_headSent = true;
    m_reply->sendHead(std::move(head));
    m_reply->sendChunk(std::move(body));
    m_reply->end();
    finish(Outcome::Answered);
    return Verdict::Answered;
}

void Exchange::finish(Outcome outcome, Errc error)
{
    Q_ASSERT(!m_over);
    m_over = true;
    m_reply = nullptr;
    const base::Instant now = m_pipeline.clock().now();
    timeline().mark(Stage::Finished, now);
    m_record.outcome = outcome;
    m_record.error = error;
    m_record.total = now - m_arrival.headDone;
    if (m_flight) {
        m_record.protocol = m_flight->protocol();
        m_record.laneReused = m_flight->laneReused();
        m_record.retries = m_flight->retries();
        m_record.laneWait = m_flight->laneWait();
        m_record.gotLane = m_flight->gotLane();
        if (const llm::ReplyMeter *meter = m_flight->meter()) {
            m_record.usage = meter->usage();
            m_record.modelServed = meter->model();
        }
        m_record.firstToken = timeline().between(Stage::HeadDone, Stage::FirstToken);
        if (!m_record.firstToken)
            m_record.firstToken = timeline().between(Stage::HeadDone, Stage::FirstChunk);
    }
    m_record.own = timeline().own();
    m_pipeline.ended(*this, std::move(m_record));
}

} // namespace weir::pipeline
