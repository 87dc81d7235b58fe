// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/exchange.h"

#include "llm/rate_limits.h"
#include "pipeline/origin.h"
#include "pipeline/pipeline.h"
#include "pipeline/tool_name.h"
#include "upstream/health.h"

namespace weir::pipeline {

using base::Errc;
using base::Error;
using metrics::Outcome;
using profiling::Stage;
using profiling::Work;

namespace {

/// A provider's error code with what it means, where that is known.
std::string inWords(const std::string &code)
{
    const std::string_view meaning = llm::meaningOfErrorCode(code);
    return meaning.empty() ? code : code + ": " + std::string(meaning);
}

/// A provider that quotes its key where a word of its own belongs: nothing of that is kept. Null = it has
/// none.
bool quotes(const base::Secret *secret, const std::string &word)
{
    return secret && word.find(secret->reveal()) != std::string::npos;
}

} // namespace

Exchange::Exchange(Pipeline &pipeline, base::ExchangeId id, http::RequestHead head,
                   const server::Arrival &arrival, server::Reply &reply)
    : m_pipeline(pipeline)
    , m_head(std::move(head))
    , m_arrival(arrival)
    , m_reply(&reply)
    , m_held(pipeline.budget())
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

void Exchange::proceed()
{
    const auto &steps = m_pipeline.steps();
    m_isWaiting = false;
    while (m_step < steps.size()) {
        switch (steps[m_step]->onHead(*this)) {
        case Verdict::Continue:
            ++m_step;
            break;
        case Verdict::Waits:
            if (m_over) // answered on the spot
                return;
            if (m_gathering) {
                m_reply->continueBody();
            } else {
                m_isWaiting = true;
                m_reply->pauseBody(); // nobody can take it yet
            }
            return;
        case Verdict::Answered:
            return;
        }
    }
    forward();
    if (m_over)
        return;
    if (std::exchange(m_isBodyEnded, false))
        bodyEnd();
    else
        m_reply->resumeBody();
}

// ── upstream -> client

void Exchange::sendHead(http::ResponseHead head)
{
    m_headSent = true;
    if (!origin.empty())
        allowOrigin(head.headers, origin, m_head);
    m_reply->sendHead(std::move(head));
}

void Exchange::onReplyHead(http::ResponseHead head, base::Instant came)
{
    m_record.status = head.status;
    m_record.streamed = m_flight->meter()->isEventStream();
    m_mayAddEvent = m_record.streamed && !head.contentLength && !head.headers.contains("content-encoding");
    m_pipeline.noteLimits(provider().name, head.headers);
    if (m_secret && head.status >= 400)
        m_scrubber = std::make_unique<SecretScrubber>(m_secret, head);
    else if (m_secret)
        SecretScrubber::scrubFields(head.headers, m_secret->reveal());
    giveBack(); // nothing is kept for another try any more
    if (claim.isReported)
        addStanding(head.headers);
    sendHead(std::move(head));
    timeline().addOwn(Work::Head, m_pipeline.clock().now() - came);
}

void Exchange::onReplyChunk(QByteArray bytes, base::Instant came)
{
    const qsizetype size = bytes.size();
    m_record.replyBytes += size;
    if (size >= 2)
        m_lastBytes[0] = bytes[size - 2];
    else if (size == 1)
        m_lastBytes[0] = m_lastBytes[1];
    if (size >= 1)
        m_lastBytes[1] = bytes[size - 1];
    if (m_scrubber) {
        bytes = m_scrubber->feed(bytes);
        if (m_scrubber->isBroken()) {
            stop({Errc::UpstreamProtocol, "an error of " + provider().name + " cannot be decoded"});
            return;
        }
    }
    if (!m_scrubber || !bytes.isEmpty())
        m_reply->sendChunk(std::move(bytes));
    if (m_reply->isFull())
        m_flight->pause();
    if (timeline().wantsPiece()) {
        const base::Duration spent = m_pipeline.clock().now() - came;
        timeline().addPiece(spent);
        m_pieces.add(spent);
    }
}

void Exchange::drained()
{
    if (m_flight)
        m_flight->resume();
}

void Exchange::onReplyEnd(base::Instant came)
{
    if (QByteArray held = m_scrubber ? m_scrubber->finish() : QByteArray(); !held.isEmpty())
        m_reply->sendChunk(std::move(held));
    settle(Outcome::Completed);
    m_reply->end();
    const base::Instant now = m_pipeline.clock().now();
    timeline().addOwn(Work::Ending, now - came);
    finishAt(now, Outcome::Completed);
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

Answered Exchange::refuse(const Error &error, const LimitReport *report)
{
    ErrorReply reply =
        errorReply(error, m_record.endpoint.value_or(llm::Endpoint{dialect(), llm::Api::Other}), report);
    if (claim.isReported)
        addStanding(reply.head.headers);
    m_record.status = reply.head.status;
    sendHead(std::move(reply.head));
    m_reply->sendChunk(std::move(reply.body));
    // What was sent on, or could not be for want of a connection, is the upstream's affair; everything else
    // was answered here.
    const bool isUpstreams = m_flight && (m_flight->gotLane() || upstream::isConnectFailure(error.code) ||
                                          error.code == Errc::UpstreamDown);
    const Outcome outcome = isUpstreams ? Outcome::Failed : Outcome::Answered;
    settle(outcome);
    m_reply->end();
    finish(outcome, error.code);
    return Answered{};
}

Answered Exchange::answer(std::string_view contentType, QByteArray body)
{
    http::ResponseHead head;
    head.headers.add("Content-Type", contentType);
    head.contentLength = body.size();
    m_record.status = head.status;
    m_record.replyBytes = body.size();
    sendHead(std::move(head));
    m_reply->sendChunk(std::move(body));
    m_reply->end();
    finish(Outcome::Answered);
    return Answered{};
}

void Exchange::finish(Outcome outcome, Errc error)
{
    finishAt(m_pipeline.clock().now(), outcome, error);
}

void Exchange::finishAt(base::Instant now, Outcome outcome, Errc error)
{
    Q_ASSERT(!m_over);
    m_over = true;
    m_reply = nullptr;
    timeline().mark(Stage::Finished, now);
    settle(outcome);
    m_record.error = error;
    m_record.total = now - m_arrival.headDone;
    if (caller.key) {
        m_record.keyId = caller.key->id;
        m_record.keyLabel = caller.key->label;
    }
    if (m_flight) {
        m_record.protocol = m_flight->protocol();
        m_record.laneReused = m_flight->laneReused();
        m_record.retries = m_flight->retries();
        m_record.laneWait = m_flight->laneWait();
        m_record.gotLane = m_flight->gotLane();
        if (const llm::ReplyMeter *meter = m_flight->meter()) {
            m_record.usage = meter->usage();
            if (!quotes(m_secret.get(), meter->model()))
                m_record.modelServed = meter->model();
            m_record.endReason = meter->endReason();
            if (!quotes(m_secret.get(), meter->errorCode()))
                m_record.providerError = inWords(meter->errorCode());
        }
        m_record.firstToken = timeline().between(Stage::HeadDone, Stage::FirstToken);
        if (!m_record.firstToken)
            m_record.firstToken = timeline().between(Stage::HeadDone, Stage::FirstChunk);
    }
    if (filter) {
        m_record.modelRequested = filter->modelRequested();
        m_record.modelSent = filter->modelSent();
    }
    freeBody();
    m_record.own = timeline().own();
    if (timeline().isDetailed()) { // else they were not all counted
        m_record.pieceCount = m_pieces.count();
        m_record.pieceMedian = m_pieces.median();
    }
    m_pipeline.ended(*this, std::move(m_record));
}

} // namespace weir::pipeline
