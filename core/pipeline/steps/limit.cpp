// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/limit.h"

#include "llm/body_bytes.h"
#include "pipeline/charge.h"
#include "pipeline/exchange.h"
#include "pipeline/model_filter.h"
#include "pipeline/options.h"
#include "pipeline/pipeline.h"
#include "pipeline/steps/inspect.h"

namespace weir::pipeline {

using base::Errc;
using keys::LimitKind;
using std::chrono::seconds;

namespace {

constexpr std::string_view ReportField = "x-weir-report";
/// When what was spent may be known: a database that could not be opened is tried again about so often.
constexpr int UnknownRetrySeconds = 5;

/// As the setting is called.
std::string_view nameOf(LimitKind kind)
{
    switch (kind) {
    case LimitKind::TokensPerWindow:
        return "tokens_per_window";
    case LimitKind::TokensPerDay:
        return "tokens_per_day";
    case LimitKind::TokensPerMinute:
        return "tokens_per_minute";
    case LimitKind::RequestsPerMinute:
        return "requests_per_minute";
    case LimitKind::Concurrent:
        return "concurrent";
    }
    return "";
}

bool isOfTokens(LimitKind kind)
{
    return kind != LimitKind::RequestsPerMinute && kind != LimitKind::Concurrent;
}

std::string inWords(seconds time)
{
    const auto count = time.count();
    if (count < 120)
        return std::to_string(count) + " s";
    if (count < 120 * 60)
        return std::to_string((count + 59) / 60) + " min";
    return std::to_string((count + 3599) / 3600) + " h";
}

/// "tokens_per_window of this access key: 900 of 1000 are used or set aside, …"
std::string detailOf(const LimitRefusal &refusal, const Exchange &exchange)
{
    const keys::Denial &denial = refusal.denial;
    std::string text(nameOf(denial.limit));
    text += refusal.isOwn ? " of the access key '" + exchange.caller.key->label + "'"
                          : " of all requests together";
    const std::string most = std::to_string(denial.most);
    if (denial.isForEver())
        return text + " is " + most + ", this request alone may take " + std::to_string(denial.asked);
    text += ": " + std::to_string(denial.used) + " of " + most;
    if (isOfTokens(denial.limit))
        text += " are used or set aside, this request may take " + std::to_string(denial.asked);
    else
        text += denial.limit == LimitKind::Concurrent ? " run" : " have come";
    text += "; room ";
    return text + (denial.freesIn ? "in " + inWords(std::chrono::ceil<seconds>(*denial.freesIn))
                                  : std::string("as soon as others end"));
}

Answered refuse(Exchange &exchange, const LimitRefusal &refusal)
{
    const keys::Denial &denial = refusal.denial;
    LimitReport report;
    report.limit = nameOf(denial.limit);
    report.isOfTokens = isOfTokens(denial.limit);
    report.used = denial.used;
    report.most = denial.most;
    report.isForEver = denial.isForEver();
    base::Error error{Errc::LimitReached, detailOf(refusal, exchange)};
    if (denial.freesIn) {
        error.retryAfterSeconds = int(std::chrono::ceil<seconds>(*denial.freesIn).count());
        report.endsAt = exchange.pipeline().clock().wallNow() +
                        std::chrono::ceil<std::chrono::milliseconds>(*denial.freesIn).count();
    }
    return exchange.refuse(error, &report);
}

} // namespace

Verdict Limit::onHead(Exchange &exchange)
{
    const http::RequestHead &head = exchange.head();
    const llm::Api api = exchange.endpoint().api;
    if (!isCounted(api))
        return Verdict::Continue;
    const keys::AccessKey *const key = exchange.caller.key.get();
    if (key && key->limits.hasTokens() && head.hasBody() && mayBillUntold(api))
        return exchange.refuse({Errc::TokensUncounted, "it may call /v1/messages, /v1/chat/completions, "
                                                       "/v1/responses, /v1/completions and /v1/embeddings"});
    if (const auto asked = head.headers.find(ReportField))
        exchange.claim.isReported = http::equalsIgnoreCase(*asked, "limits");
    Accounts &accounts = exchange.pipeline().accounts();
    if (accounts.isPastUnknown(key))
        return exchange.refuse({Errc::LimitsUnknown, {}, UnknownRetrySeconds});
    if (const auto refusal = accounts.enter(exchange.claim, key))
        return refuse(exchange, *refusal);
    if (head.hasBody() && limitsTokens(exchange))
        return Inspect::wantBody(exchange);
    return Verdict::Continue;
}

bool Limit::limitsTokens(Exchange &exchange)
{
    return exchange.claim.isIn && billsTokens(exchange.endpoint().api) &&
           exchange.pipeline().accounts().limitsTokens(exchange.claim);
}

BodyVerdict Limit::onBody(Exchange &exchange)
{
    const std::optional<llm::JsonProbe> &probe = exchange.probe;
    if (!probe || !exchange.claim.isIn)
        return BodyVerdict::Continue;
    exchange.claim.output = probe->output;
    if (!limitsTokens(exchange))
        return BodyVerdict::Continue;
    if (probe->readability != llm::Readability::Readable)
        return exchange.refuse(unreadable(probe->readability, probe->faultOffset));
    return reserve(exchange);
}

BodyVerdict Limit::onLargeBody(Exchange &exchange)
{
    if (!limitsTokens(exchange))
        return BodyVerdict::Continue;
    return exchange.refuse(tooLargeToHold(m_options.bodyHold));
}

BodyVerdict Limit::reserve(Exchange &exchange) const
{
    const llm::OutputBound &asked = exchange.claim.output;
    const bool hasOutput = exchange.endpoint().api != llm::Api::Embeddings;
    const std::int64_t input = inputEstimate(exchange.wholeBody().size());
    const std::int64_t most = input + (hasOutput ? outputReserve(asked, m_options.charge) : 0);
    // What nobody knows is no reason to refuse while there is room: all of that is set aside at most.
    const bool isKnown = !hasOutput || asked.isCertain();
    const auto refusal =
        exchange.pipeline().accounts().reserve(exchange.claim, isKnown ? most : input + 1, most);
    return refusal ? refuse(exchange, *refusal) : BodyVerdict::Continue;
}

} // namespace weir::pipeline
