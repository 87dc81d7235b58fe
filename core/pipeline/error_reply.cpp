// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/error_reply.h"

#include <algorithm>
#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::pipeline {

using base::Errc;
using base::Error;

namespace {

QString toText(std::string_view bytes)
{
    return QString::fromUtf8(bytes.data(), qsizetype(bytes.size()));
}

/// True where only a change of the tool's or of Weir's settings helps, so that trying again is in vain.
bool needsSomebody(Errc code)
{
    switch (code) {
    case Errc::NoCredential:
    case Errc::NoAccessKey:
    case Errc::UnknownKey:
    case Errc::NotAdmin:
    case Errc::NoProviderSecret:
    case Errc::StoreOff:
    case Errc::StoreNewer:
        return true;
    default:
        return false;
    }
}

/// Anthropic's names for kinds of errors (docs.anthropic.com, "Errors").
QString anthropicType(Errc code)
{
    const int status = statusFor(code);
    // Claude Code tries again whenever something is overloaded, whatever x-should-retry says.
    if (status == 503 && needsSomebody(code))
        return QStringLiteral("api_error");
    switch (status) {
    case 401:
        return QStringLiteral("authentication_error");
    case 403:
        return QStringLiteral("permission_error");
    case 404:
        return QStringLiteral("not_found_error");
    case 413:
        return QStringLiteral("request_too_large");
    case 429:
        return QStringLiteral("rate_limit_error");
    case 503:
        return QStringLiteral("overloaded_error");
    case 504:
        return QStringLiteral("timeout_error");
    default:
        return status >= 500 ? QStringLiteral("api_error") : QStringLiteral("invalid_request_error");
    }
}

QString openAiType(int status)
{
    switch (status) {
    case 401:
        return QStringLiteral("authentication_error");
    case 403:
        return QStringLiteral("permission_error");
    case 429:
        return QStringLiteral("rate_limit_exceeded");
    default:
        return status >= 500 ? QStringLiteral("server_error") : QStringLiteral("invalid_request_error");
    }
}

/// Every message says that it is Weir's: nobody should look for the fault at the provider.
QString message(const Error &error)
{
    return QStringLiteral("Weir: ") + toText(base::describe(error));
}

QJsonObject anthropicError(const Error &error)
{
    return {{QStringLiteral("type"), QStringLiteral("error")},
            {QStringLiteral("error"), QJsonObject{{QStringLiteral("type"), anthropicType(error.code)},
                                                  {QStringLiteral("message"), message(error)}}}};
}

QJsonObject openAiError(const Error &error)
{
    return {{QStringLiteral("error"),
             QJsonObject{{QStringLiteral("message"), message(error)},
                         {QStringLiteral("type"), openAiType(statusFor(error.code))},
                         {QStringLiteral("param"), QJsonValue::Null},
                         {QStringLiteral("code"), toText(base::identifier(error.code))}}}};
}

/// What a header field can carry of a sentence.
std::string asField(const QString &text)
{
    std::string field;
    field.reserve(std::size_t(text.size()));
    for (const QChar letter : text) {
        const char16_t code = letter.unicode();
        field += code >= u' ' && code <= u'~' ? char(code) : '?';
    }
    return field;
}

/// Codex obeys any Retry-After, one of hours too, without a word, and of a 429 without one it shows the
/// number alone. At this type it stops, and says until when.
void tellCodex(QJsonObject &error, const LimitReport &report)
{
    constexpr base::WallMs Second = 1000;
    const QString reached = QStringLiteral("usage_limit_reached");
    QJsonObject inner = error[QLatin1String("error")].toObject();
    inner[QLatin1String("type")] = reached;
    inner[QLatin1String("code")] = reached;
    if (report.endsAt)
        inner[QLatin1String("resets_at")] = qint64((*report.endsAt + Second - 1) / Second);
    error[QLatin1String("error")] = inner;
}

/// The fields that clients of this proxy's ancestor rely on, and the name of the limit. Limits on requests
/// have fields of their own: what they count are no tokens.
void addReport(QJsonObject &error, const LimitReport &report)
{
    QJsonObject inner = error[QLatin1String("error")].toObject();
    inner[QLatin1String("limit")] = toText(report.limit);
    inner[QLatin1String(report.isOfTokens ? "tokens_used" : "requests_used")] = qint64(report.used);
    inner[QLatin1String(report.isOfTokens ? "tokens_limit" : "requests_limit")] = qint64(report.most);
    inner[QLatin1String("window_ends_at")] =
        report.endsAt ? QJsonValue(isoTime(*report.endsAt)) : QJsonValue(QJsonValue::Null);
    error[QLatin1String("error")] = inner;
}

QByteArray toJson(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

/// True where a client that tries again by itself could have the same work done, and billed, twice.
bool mayHaveBeenProcessed(Errc code)
{
    switch (code) {
    case Errc::UpstreamClosed:
    case Errc::UpstreamProtocol:
    case Errc::UpstreamTruncated:
    case Errc::FirstByteTimeout:
    case Errc::IdleTimeout:
        return true;
    default:
        return false;
    }
}

} // namespace

int statusFor(Errc code)
{
    switch (code) {
    case Errc::MalformedRequest:
    case Errc::PathNotAllowed:
    case Errc::UnknownPriority:
    case Errc::InvalidJson:
    case Errc::BodyNotInspected:
    case Errc::AliasDialect:
    case Errc::QueryInvalid:
    case Errc::FieldInvalid:
    case Errc::ImportInvalid:
    case Errc::SecretInvalid:
        return 400;
    case Errc::NoCredential:
    case Errc::NotAdmin:
    case Errc::NoAccessKey:
    case Errc::UnknownKey:
        return 401;
    case Errc::OriginNotAllowed:
    case Errc::KeyPaused:
    case Errc::KeyExpired:
    case Errc::ModelNotAllowed:
    case Errc::TokensUncounted:
    case Errc::AccessKeyNotForwarded:
        return 403;
    case Errc::UnknownPath:
    case Errc::DoubledVersionPath:
    case Errc::UnknownProvider:
    case Errc::DialectNotSpoken:
    case Errc::NotStored:
        return 404;
    case Errc::MethodNotAllowed:
        return 405;
    case Errc::RequestTimeout:
        return 408;
    case Errc::BodyTooLarge:
    case Errc::BodyTooLargeToHold:
        return 413;
    case Errc::TargetTooLong:
        return 414;
    case Errc::UnsupportedMediaType:
        return 415;
    case Errc::ExpectationFailed:
        return 417;
    case Errc::HostNotAllowed:
        return 421;
    case Errc::TooManyGuesses:
    case Errc::LimitReached:
        return 429;
    case Errc::UpgradeNotServed:
        return 426;
    case Errc::HeadTooLarge:
        return 431;
    case Errc::UpstreamRefused:
    case Errc::UpstreamNotFound:
    case Errc::UpstreamTls:
    case Errc::UpstreamClosed:
    case Errc::UpstreamProtocol:
    case Errc::UpstreamRedirect:
    case Errc::UpstreamTruncated:
        return 502;
    case Errc::TooManyConnections:
    case Errc::TooManyExchanges:
    case Errc::TooManyQuestions:
    case Errc::MemoryBudget:
    case Errc::LimitsUnknown:
    case Errc::NoProviderSecret:
    case Errc::PoolQueueFull:
    case Errc::PoolQueueTimeout:
    case Errc::UpstreamDown:
    case Errc::UpstreamCalm:
    case Errc::Draining:
    case Errc::StoreOff:
    case Errc::StoreUnavailable:
    case Errc::StoreBroken:
    case Errc::StoreInUse:
    case Errc::StoreNewer:
    case Errc::KeychainUnavailable:
    case Errc::KeychainDenied:
        return 503;
    case Errc::ConnectTimeout:
    case Errc::FirstByteTimeout:
    case Errc::IdleTimeout:
        return 504;
    // Not for a client: the connection is gone, or there is none yet.
    case Errc::None:
    case Errc::ClientGone:
    case Errc::WriteStallTimeout:
    case Errc::ConfigInvalid:
    case Errc::FileUnreadable:
    case Errc::AddressInUse:
    case Errc::AddressUnavailable:
    case Errc::Internal:
        return 500;
    }
    return 500;
}

bool closesConnection(Errc code)
{
    switch (code) {
    case Errc::HostNotAllowed:
    case Errc::OriginNotAllowed:
    case Errc::NoCredential:
    case Errc::NoAccessKey:
    case Errc::NotAdmin:
        return true;
    default:
        return false;
    }
}

QString isoTime(base::WallMs at)
{
    return QDateTime::fromMSecsSinceEpoch(at, Qt::UTC).toString(Qt::ISODateWithMs);
}

ErrorReply errorReply(const Error &error, llm::Endpoint endpoint, const LimitReport *report)
{
    // SDKs wait for as long as they are told, without a word to their user: a minute, not an hour.
    constexpr int PatienceSeconds = 61; // a minute slides in 60 steps, so it takes one second more
    const bool isLong = report && error.retryAfterSeconds > PatienceSeconds;
    const bool isHopeless = report && report->isForEver;
    const bool isCodexs = (isLong || isHopeless) && endpoint.api == llm::Api::Responses;
    QJsonObject json =
        endpoint.dialect == llm::Dialect::Anthropic ? anthropicError(error) : openAiError(error);
    if (isCodexs)
        tellCodex(json, *report);
    if (report)
        addReport(json, *report);
    ErrorReply reply;
    reply.head.status = statusFor(error.code);
    reply.body = toJson(json);
    reply.head.contentLength = reply.body.size();
    reply.head.closesConnection = closesConnection(error.code);
    reply.head.headers.add("Content-Type", "application/json");
    // Also where it is in vain: OpenCode, which looks at nothing else, is done in ten seconds then.
    if ((reply.head.status == 503 || reply.head.status == 429) && !isHopeless && !isCodexs)
        reply.head.headers.add("Retry-After", std::to_string(std::max(1, error.retryAfterSeconds)));
    if (isCodexs) // which says "your usage limit", and would leave open whose
        reply.head.headers.add("x-codex-promo-message", asField(message(error)));
    if (mayHaveBeenProcessed(error.code) || needsSomebody(error.code) || isHopeless || isLong)
        reply.head.headers.add("x-should-retry", "false"); // understood by both vendors' SDKs
    return reply;
}

QByteArray errorEvent(const Error &error, llm::Endpoint endpoint)
{
    if (endpoint.dialect == llm::Dialect::Anthropic)
        return "event: error\ndata: " + toJson(anthropicError(error)) + "\n\n";
    if (endpoint.api == llm::Api::Responses) {
        const QJsonObject event{{QStringLiteral("type"), QStringLiteral("error")},
                                {QStringLiteral("code"), toText(base::identifier(error.code))},
                                {QStringLiteral("message"), message(error)},
                                {QStringLiteral("param"), QJsonValue::Null}};
        return "event: error\ndata: " + toJson(event) + "\n\n";
    }
    return "data: " + toJson(openAiError(error)) + "\n\n";
}

} // namespace weir::pipeline
