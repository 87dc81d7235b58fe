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

Verdict refuse(Exchange &exchange, const LimitRefusal &refusal)
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
    if (!isCounted(exchange.endpoint().api))
        return Verdict::Continue;
    if (const auto asked = head.headers.find(ReportField))
        exchange.claim.isReported = http::equalsIgnoreCase(*asked, "limits");
    Accounts &accounts = exchange.pipeline().accounts();
    const keys::AccessKey *const key = exchange.caller.key.get();
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

Verdict Limit::onBody(Exchange &exchange)
{
    const std::optional<llm::JsonProbe> &probe = exchange.probe;
    if (!probe || !exchange.claim.isIn)
        return Verdict::Continue;
    exchange.claim.outputMax = outputMax(llm::viewOf(exchange.wholeBody()), *probe);
    if (!limitsTokens(exchange))
        return Verdict::Continue;
    if (probe->readability != llm::Readability::Readable)
        return exchange.refuse(unreadable(probe->readability, probe->faultOffset));
    return reserve(exchange, exchange.wholeBody().size());
}

Verdict Limit::onLargeBody(Exchange &exchange)
{
    if (!limitsTokens(exchange))
        return Verdict::Continue;
    return reserve(exchange, exchange.head().contentLength.value_or(m_options.bodyMax));
}

Verdict Limit::reserve(Exchange &exchange, std::int64_t bodyBytes) const
{
    const std::int64_t output = exchange.endpoint().api == llm::Api::Embeddings
                                    ? 0
                                    : exchange.claim.outputMax.value_or(m_options.charge.outputEstimate);
    const auto refusal =
        exchange.pipeline().accounts().reserve(exchange.claim, inputEstimate(bodyBytes) + output);
    return refusal ? refuse(exchange, *refusal) : Verdict::Continue;
}

} // namespace weir::pipeline
