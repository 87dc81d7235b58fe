// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/steps/local.h"

#include "pipeline/exchange.h"
#include "pipeline/pipeline.h"
#include "pipeline/routes.h"
#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::pipeline {

using base::Errc;

namespace {

/// Takes as long for a wrong text as for the right one, so that its time tells nothing about either.
bool isSame(std::string_view secret, std::string_view given)
{
    unsigned difference = secret.size() != given.size();
    for (std::size_t at = 0; at < given.size(); ++at)
        difference |= unsigned(secret[at % secret.size()] ^ given[at]);
    return difference == 0;
}

QByteArray frontPage(std::uint16_t port)
{
    const QByteArray address = "http://127.0.0.1:" + QByteArray::number(port);
    return "Weir is running: a local proxy for LLM APIs.\n\n"
           "Anthropic's tools call it as " +
           address + ", OpenAI's as " + address +
           "/v1.\n"
           "Its window opens from the tray; without a window, 'weir-headless --help' tells what there is.\n";
}

} // namespace

Verdict Local::onHead(Exchange &exchange)
{
    switch (exchange.page) {
    case LocalPage::None:
        return Verdict::Continue;
    case LocalPage::Hello:
        return exchange.answer("text/plain", {});
    case LocalPage::Front:
        return exchange.answer("text/plain", frontPage(exchange.arrival().localPort));
    case LocalPage::Health:
        return health(exchange);
    case LocalPage::Stats:
        ask(exchange);
        return Verdict::Waits;
    case LocalPage::Usage:
    case LocalPage::Admin:
        if (!m_options.token)
            return exchange.refuse({Errc::StoreOff, {}});
        if (!isAdmin(exchange))
            return exchange.refuse({Errc::NotAdmin, {}});
        if (exchange.head().hasBody())
            exchange.wantBodyOfPage();
        else
            ask(exchange);
        return Verdict::Waits;
    }
    return Verdict::Continue;
}

BodyVerdict Local::onBody(Exchange &exchange)
{
    if (exchange.page == LocalPage::None)
        return BodyVerdict::Continue;
    ask(exchange);
    return BodyVerdict::Answered;
}

Verdict Local::health(Exchange &exchange) const
{
    const QDateTime now = QDateTime::fromMSecsSinceEpoch(exchange.startedAt(), Qt::UTC);
    const metrics::Saving &saving = exchange.pipeline().saving();
    QByteArray body = R"({"status":"ok","timestamp":")" + now.toString(Qt::ISODateWithMs).toLatin1() +
                      R"(","usage":")" + QByteArray::fromStdString(saving.word) + '"';
    if (isAdmin(exchange)) {
        const QJsonObject detail{{QStringLiteral("reason"), QString::fromStdString(saving.reason)},
                                 {QStringLiteral("written"), qint64(saving.written)},
                                 {QStringLiteral("waiting"), qint64(saving.waiting)},
                                 {QStringLiteral("dropped"), qint64(saving.dropped)}};
        body += R"(,"usage_detail":)" + QJsonDocument(detail).toJson(QJsonDocument::Compact);
    }
    return exchange.answer("application/json", body + '}');
}

void Local::ask(Exchange &exchange)
{
    Question question = questionOf(exchange.head(), exchange.wholeBody());
    if (const auto &key = exchange.caller.key) {
        const Standing standing = exchange.pipeline().accounts().standingOf(*key);
        question.keyId = key->id;
        question.tokensInWindow = standing.counted;
        question.windowEndsInMs = std::chrono::ceil<std::chrono::milliseconds>(standing.windowEndsIn).count();
    }
    if (const auto asked = exchange.pipeline().ask(exchange.id(), question); !asked)
        exchange.refuse(asked.error());
}

bool Local::isAdmin(const Exchange &exchange) const
{
    return m_options.token && !m_options.token->isEmpty() &&
           isSame(m_options.token->reveal(), llm::bearerToken(exchange.head().headers));
}

} // namespace weir::pipeline
