// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/decoder.h"
#include "llm/json_edit.h"
#include "metrics/request_record.h"
#include "pipeline/accounts.h"
#include "pipeline/caller.h"
#include "pipeline/error_reply.h"
#include "pipeline/flight.h"
#include "pipeline/memory_budget.h"
#include "pipeline/model_filter.h"
#include "pipeline/options.h"
#include "pipeline/routes.h"
#include "pipeline/secret_scrubber.h"
#include "pipeline/step.h"
#include "profiling/piece_times.h"
#include "server/handler.h"
#include <memory>
#include <optional>
#include <vector>

namespace weir::pipeline {
class Pipeline;

/// One client request and its reply, from the head to the record. Owned by the Pipeline.
class Exchange final : public server::Intake, private Rider
{
public:
    Exchange(Pipeline &pipeline, base::ExchangeId id, http::RequestHead head, const server::Arrival &arrival,
             server::Reply &reply);
    ~Exchange();
    // ── for steps
    const http::RequestHead &head() const { return m_head; }
    const server::Arrival &arrival() const { return m_arrival; }
    Pipeline &pipeline() { return m_pipeline; }
    base::WallMs startedAt() const { return m_record.startedAt; }
    /// Answers the error in the client's dialect and ends the exchange. `report`: of a limit, else null.
    Answered refuse(const base::Error &error, const LimitReport *report = nullptr);
    /// Answers 200 with this body and ends the exchange.
    Answered answer(std::string_view contentType, QByteArray body);

    std::string origin; ///< Guard: of the program made of web technology that asks, else ""
    Caller caller;      ///< Auth: who asks
    /// Route: a page of Weir's own …
    LocalPage page = LocalPage::None;
    /// … or a provider's endpoint, and what is asked of it.
    void setDestination(const RoutedProvider &provider, llm::Endpoint endpoint);
    const llm::Provider &provider() const { return m_provider->provider; }
    llm::Endpoint endpoint() const { return *m_record.endpoint; }
    std::string_view rest; ///< what follows "/v1" in the head's target, of which it is a part
    upstream::Priority priority = upstream::Priority::Interactive;
    Claim claim; ///< Limit: what it takes from the accounts

    /// On the head: the body is to be whole before it is sent on, for onBody() of every step.
    void wantBody() { m_wantsBody = true; }
    /// On the head of a page of Weir's own: the same. The step waits; its onBody() is called.
    void wantBodyOfPage() { m_gathering = true; }
    /// In onBody(): as the client has sent it; decoded from Inspect on, which asks for it by decodeBody().
    const QByteArray &wholeBody() const { return m_whole; }
    BodyVerdict decodeBody();
    /// Inspect: what is in wholeBody(); absent without a byte of it.
    std::optional<llm::JsonProbe> probe;
    /// The changes of all steps to wholeBody().
    llm::JsonEdit &edit();
    /// In onLargeBody(): what the body is to pass through; null = nothing.
    std::unique_ptr<ModelFilter> filter;
    /// Before anything has been sent: another provider, same endpoint; "" changes nothing. False: refused.
    bool reroute(std::string_view provider);
    void setModelRequested(std::string model) { m_record.modelRequested = std::move(model); }
    void setModelSent(std::string model) { m_record.modelSent = std::move(model); }

    // ── for the pipeline
    base::ExchangeId id() const { return m_record.id; }
    bool isOver() const { return m_over; }
    /// Takes it through the steps, from the one that has had to wait, and sends it on after the last.
    void proceed();
    void stop(const base::Error &why); ///< ends it: with an error, or an event and a cut

    // server::Intake
    void body(QByteArray bytes) override;
    void bodyEnd() override;
    void bodyFailed(base::Error why) override;
    void drained() override;
    void abandon(base::Error why) override;

private:
    profiling::Timeline &timeline() override { return m_record.timeline; }
    void onBodyWanted() override;
    void onRequestSent() override;
    void onReplyHead(http::ResponseHead head, base::Instant came) override;
    void onReplyChunk(QByteArray bytes, base::Instant came) override;
    void onReplyEnd(base::Instant came) override;
    void onReplyFailed(base::Error error) override;

    void forward();
    base::Errc credentialMismatch() const;
    upstream::Pool &pool() const;
    void identify();
    /// `bodySize`: if it is known. `workSince`: from when on Weir has had all it needs.
    bool launch(std::optional<std::int64_t> bodySize, base::Instant workSince);
    bool passLargeBody();
    bool passFiltered(bool isWhole);
    bool sendGathered(base::Instant came);
    void gather(QByteArray bytes);
    void sendOn(QByteArray bytes);
    void keepForRecord(const QByteArray &bytes);
    void readForRecord();
    std::int64_t heldBytes() const;
    /// Tells the budget what is held. False if it is too much: the exchange is over.
    bool account();
    void giveBack(); ///< the same where it can only have become less
    void freeBody();
    void settle(metrics::Outcome outcome);
    void addStanding(http::Headers &headers);
    llm::Dialect dialect() const;
    void sendHead(http::ResponseHead head);
    void sendErrorEvent(const base::Error &error);
    void finish(metrics::Outcome outcome, base::Errc error = base::Errc::None);
    void finishAt(base::Instant now, metrics::Outcome outcome, base::Errc error = base::Errc::None);

    Pipeline &m_pipeline;
    http::RequestHead m_head;
    const server::Arrival m_arrival;
    server::Reply *m_reply;                     // borrowed until the exchange is over
    const RoutedProvider *m_provider = nullptr; // one of the pipeline's options
    std::size_t m_step = 0;                     // the next one for the head
    bool m_isWaiting = false;                   // a step does
    bool m_isBodyEnded = false;                 // while it did
    metrics::RequestRecord m_record;
    std::optional<Flight> m_flight;
    std::shared_ptr<const base::Secret> m_secret; // that Weir has added; null = none
    std::unique_ptr<SecretScrubber> m_scrubber;   // of an error that may quote it
    bool m_wantsBody = false;                     // a step does
    bool m_gathering = false;                     // collected before it is sent on
    bool m_probing = false;           // pieces are kept to read the model's name from, for the record
    std::vector<QByteArray> m_probed; // shared, as all that is kept of the body
    llm::Coding m_coding = llm::Coding::Identity;
    QByteArray m_whole;   // what has been gathered of it, until it is sent on; decoded …
    QByteArray m_encoded; // … of this, which is sent on unless a step edits m_whole
    std::optional<llm::JsonEdit> m_edit;
    std::int64_t m_unsent = 0; // bytes that the pool or a lane may still hold, at most
    MemoryBudget::Share m_held;
    profiling::PieceTimes m_pieces;
    bool m_headSent = false;
    bool m_mayAddEvent = false;         // an event of ours may follow the upstream's
    char m_lastBytes[2] = {'\n', '\n'}; // of the reply: whether an event is open
    bool m_over = false;
};

} // namespace weir::pipeline
