// SPDX-License-Identifier: GPL-3.0-or-later
// What an exchange counts against limits, and how its client learns of them.
#include "llm/reply_meter.h"
#include "pipeline/charge.h"
#include "pipeline/exchange.h"
#include "pipeline/pipeline.h"

namespace weir::pipeline {

/// Once for good; before the end of the reply is told, because the client's next request may be judged within
/// that.
void Exchange::settle(metrics::Outcome outcome)
{
    m_record.outcome = outcome;
    const llm::ReplyMeter *const meter = m_flight ? m_flight->meter() : nullptr;
    if (outcome == metrics::Outcome::Completed && meter && meter->hasSeenError())
        m_record.outcome = metrics::Outcome::ToldError;
    if (m_flight && m_record.endpoint) {
        Course course;
        course.wasSent = m_flight->gotLane() && !m_flight->isUnprocessed();
        course.isCompleted = outcome == metrics::Outcome::Completed;
        course.status = m_flight->status();
        course.bodyBytes = m_record.requestBytes;
        course.output = claim.output;
        course.meter = meter;
        m_record.charged = chargeOf(m_record.endpoint->api, course, m_pipeline.options().charge);
    }
    m_pipeline.accounts().settle(claim, m_record.charged);
}

void Exchange::addStanding(http::Headers &headers)
{
    const Standing standing = m_pipeline.accounts().standing(claim);
    headers.add("X-Weir-Tokens-Used", std::to_string(standing.used()));
    if (standing.windowLimit)
        headers.add("X-Weir-Tokens-Limit", std::to_string(*standing.windowLimit));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(standing.windowEndsIn).count();
    headers.add("X-Weir-Window-Ends", isoTime(m_pipeline.clock().wallNow() + left).toStdString());
}

} // namespace weir::pipeline
