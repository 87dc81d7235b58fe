// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "metrics/request_record.h"
#include "pipeline/flight.h"
#include "pipeline/options.h"
#include "pipeline/routes.h"
#include "pipeline/step.h"
#include "server/handler.h"
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
    /// Answers the error in the client's dialect and ends the exchange.
    Verdict refuse(const base::Error &error);
    /// Answers 200 with this body and ends the exchange.
    Verdict answer(std::string_view contentType, QByteArray body);

    /// Route: a page of Weir's own …
    LocalPage page = LocalPage::None;
    /// … or a provider's endpoint, and the request target there.
    void setDestination(const RoutedProvider &provider, llm::Endpoint endpoint);
    const llm::Provider &provider() const { return m_provider->provider; }
    llm::Endpoint endpoint() const { return *m_record.endpoint; }
    /// Who asks with this credential of the provider's, for the record; see pipeline/caller_id.h.
    void identify(std::string_view credential);
    std::string upstreamPath;
    upstream::Priority priority = upstream::Priority::Interactive;

    // ── for the pipeline
    base::ExchangeId id() const { return m_record.id; }
    bool isOver() const { return m_over; }
    /// After the last step: sends the request on.
    void forward();

    // server::Intake
    void body(QByteArray bytes) override;
    void bodyEnd() override;
    void bodyFailed(base::Error why) override;
    void drained() override;
    void abandon(base::Error why) override;

private:
    // Rider
    profiling::Timeline &timeline() override { return m_record.timeline; }
    void onBodyWanted() override;
    void onReplyHead(http::ResponseHead head) override;
    void onReplyChunk(QByteArray bytes) override;
    void onReplyEnd() override;
    void onReplyFailed(base::Error error) override;

    upstream::Pool &pool() const;
    /// `bodySize`: if it is known. `workSince`: from when on Weir has had all it needs.
    bool launch(std::optional<std::int64_t> bodySize, base::Instant workSince);
    void probe();
    llm::Dialect dialect() const;
    void sendErrorEvent(const base::Error &error);
    void finish(metrics::Outcome outcome, base::Errc error = base::Errc::None);

    Pipeline &m_pipeline;
    http::RequestHead m_head;
    const server::Arrival m_arrival;
    server::Reply *m_reply;                     // borrowed until the exchange is over
    const RoutedProvider *m_provider = nullptr; // the pipeline's
    metrics::RequestRecord m_record;
    std::optional<Flight> m_flight;

    bool m_gathering = false;           // the body has no known length, the lanes need one: collected first
    std::vector<QByteArray> m_gathered; // pieces as they came
    std::vector<QByteArray> m_probed;   // pieces shared with what was sent on, for reading the model's name
    bool m_probing = false;

    bool m_headSent = false;
    bool m_mayAddEvent = false;         // an event of ours may follow the upstream's
    char m_lastBytes[2] = {'\n', '\n'}; // of the reply: whether an event is open
    bool m_over = false;
};

} // namespace weir::pipeline
