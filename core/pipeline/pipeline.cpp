// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/pipeline.h"

#include "llm/rate_limits.h"
#include "pipeline/error_reply.h"
#include "pipeline/steps.h"

namespace weir::pipeline {

using base::Errc;
using base::Error;

Pipeline::Pipeline(Options options, upstream::PoolManager &pools, metrics::Recorder &recorder,
                   const base::Clock &clock, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_pools(pools)
    , m_poolsOf(m_options.routes.providers.size())
    , m_recorder(recorder)
    , m_clock(clock)
    , m_steps(makeSteps(m_options))
    , m_budget(m_options.memoryBudget)
    , m_keyRing(m_options.keyCache, clock)
    , m_keyInquiries(KeyBounds, clock, [this](base::ExchangeId id) { refuseLate(id); })
    , m_storeInquiries(PageBounds, clock, [this](base::ExchangeId id) { refuseLate(id); })
    , m_vaultInquiries(VaultBounds, clock, [this](base::ExchangeId id) { refuseLate(id); })
    , m_accounts(m_options.limits, clock)
{
}

Pipeline::~Pipeline()
{
    Q_ASSERT(m_exchanges.empty());
}

server::Intake *Pipeline::begin(http::RequestHead head, const server::Arrival &arrival, server::Reply &reply)
{
    const std::uint64_t number = ++m_lastId;
    auto owned = std::make_unique<Exchange>(*this, base::ExchangeId{number}, std::move(head), arrival, reply);
    Exchange &exchange = *owned;
    m_exchanges.emplace(number, std::move(owned));
    m_recorder.begun();

    if (m_draining) {
        exchange.refuse({Errc::Draining, {}});
        return nullptr;
    }
    if (activeCount() > m_options.exchangesMax) {
        exchange.refuse({Errc::TooManyExchanges, std::to_string(m_options.exchangesMax)});
        return nullptr;
    }
    exchange.proceed();
    return exchange.isOver() ? nullptr : &exchange;
}

server::Handler::Refusal Pipeline::refuse(const Error &why, const http::RequestHead *head)
{
    const llm::Dialect dialect = head ? guessDialect(head->path(), head->headers) : llm::Dialect::OpenAi;
    ErrorReply reply = errorReply(why, {dialect, llm::Api::Other});
    return {std::move(reply.head), std::move(reply.body)};
}

upstream::Pool &Pipeline::poolOf(const RoutedProvider &routed, llm::Dialect dialect)
{
    const auto number = std::size_t(&routed - m_options.routes.providers.data());
    upstream::Pool *&known = m_poolsOf[number][dialect == llm::Dialect::Anthropic ? 0 : 1];
    if (!known) {
        const llm::BaseUrl &base = *routed.provider.baseFor(dialect);
        known = &m_pools.pool(routed.provider.name, {base.tls, base.host, base.port, routed.authorities});
    }
    return *known;
}

llm::Dialect Pipeline::guessDialect(std::string_view path, const http::Headers &headers) const
{
    if (headers.contains("anthropic-version"))
        return llm::Dialect::Anthropic;
    const auto place = llm::placeOf(path, headers);
    return place ? place->endpoint.dialect : llm::Dialect::OpenAi;
}

Inquiries &Pipeline::inquiriesAt(Question::Desk desk)
{
    return desk == Question::Desk::Vault ? m_vaultInquiries : m_storeInquiries;
}

base::Result<void> Pipeline::ask(base::ExchangeId id, const Question &question)
{
    return inquiriesAt(question.desk).ask(id, question.keyId, [this, id, question] {
        Q_EMIT asked(static_cast<quint64>(id), question);
        return true;
    });
}

void Pipeline::answer(quint64 id, const Answer &answer)
{
    const base::ExchangeId exchange{id};
    if (!m_storeInquiries.take(exchange) && !m_vaultInquiries.take(exchange))
        return;
    Exchange &asker = *m_exchanges.at(id);
    if (answer)
        asker.answer("application/json", *answer);
    else
        asker.refuse(answer.error());
}

base::Result<void> Pipeline::awaitKey(const keys::KeyHash &hash, base::ExchangeId id)
{
    return m_keyInquiries.ask(id, 0, [this, hash, id] {
        // Another exchange may have shown the same key, and been told whose it is.
        if (m_keyRing.find(hash).answer != keys::KeyCache::Answer::Ask) {
            m_exchanges.at(static_cast<std::uint64_t>(id))->proceed();
            return false;
        }
        Q_EMIT keyWanted(static_cast<quint64>(id), hash);
        return true;
    });
}

void Pipeline::takeKey(quint64 id, const keys::KeyHash &hash, const FoundKey &key)
{
    if (key)
        m_keyRing.insert(hash, *key);
    if (!m_keyInquiries.take(base::ExchangeId{id}))
        return;
    Exchange &asker = *m_exchanges.at(id);
    if (key)
        asker.proceed();
    else
        asker.refuse(key.error());
}

void Pipeline::refuseLate(base::ExchangeId id)
{
    m_exchanges.at(static_cast<std::uint64_t>(id))->refuse({Errc::StoreUnavailable, "it takes too long"});
}

void Pipeline::setProviderSecret(const std::string &provider, ProviderSecret secret)
{
    m_secrets.insert_or_assign(provider, std::move(secret));
}

ProviderSecret Pipeline::providerSecret(const std::string &provider) const
{
    const auto found = m_secrets.find(provider);
    if (found == m_secrets.end())
        return base::unexpected(Errc::NoProviderSecret, provider);
    return found->second;
}

void Pipeline::drain()
{
    m_draining = true;
}

void Pipeline::cut()
{
    std::vector<Exchange *> running; // what has ended lives until the next turn
    for (const auto &[number, exchange] : m_exchanges)
        running.push_back(exchange.get());
    for (Exchange *exchange : running) {
        if (!exchange->isOver())
            exchange->stop({Errc::Draining, {}});
    }
}

void Pipeline::noteLimits(const std::string &provider, const http::Headers &headers)
{
    if (auto limits = llm::readRateLimits(headers); !limits.empty())
        m_recorder.providerSaid(provider, std::move(limits));
}

void Pipeline::ended(Exchange &exchange, metrics::RequestRecord &&record)
{
    const auto number = static_cast<std::uint64_t>(record.id);
    if (exchange.page == LocalPage::None)
        m_recorder.ended(std::move(record));
    else
        m_recorder.pageServed();
    for (Inquiries *inquiries : {&m_keyInquiries, &m_storeInquiries, &m_vaultInquiries})
        inquiries->drop(base::ExchangeId{number});
    // The exchange is on the stack: it is freed later.
    auto node = m_exchanges.extract(number);
    Q_ASSERT(!node.empty() && node.mapped().get() == &exchange);
    m_over.push_back(std::move(node.mapped()));
    m_free.ask();
    if (m_exchanges.empty())
        Q_EMIT idle();
}

} // namespace weir::pipeline
