// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine.h"

#include "engine/lanes.h"
#include "engine/pool_state.h"
#include "engine/room_options.h"
#include "pipeline/pipeline.h"
#include "server/listener.h"
#include "upstream/pool_manager.h"

namespace weir::engine {

namespace {

/// It asked for nothing that costs, or got nothing. An image of which nobody told what it took has a cost
/// that is not known.
bool costsNothing(const metrics::RequestRecord &record)
{
    if (record.usage.known || record.charged > 0)
        return false;
    const bool isOther = record.endpoint && record.endpoint->api == llm::Api::Other;
    return !isOther || !record.gotLane || record.status >= 400;
}

} // namespace

Engine::Engine(std::shared_ptr<const config::Config> config, Authorities authorities,
               std::shared_ptr<const base::Secret> adminToken)
    : m_config(std::move(config))
    , m_authorities(std::move(authorities))
    , m_adminToken(std::move(adminToken))
    , m_prices(priceRules(*m_config))
    , m_snapshot(std::make_shared<const metrics::Snapshot>())
    , m_tick(this)
{
    m_tick.setInterval(TickMs);
    connect(&m_tick, &QTimer::timeout, this, &Engine::tick);
}

Engine::~Engine()
{
    if (m_listener)
        m_listener->abortAll(); // so that every exchange ends before the rooms below it go
    if (m_tick.isActive())
        tick(); // nobody has called stop()
    m_listener.reset();
}

void Engine::start()
{
    FreeMemory::keepNoLargeBlocks();
    m_recorder = std::make_unique<metrics::Recorder>(m_clock);
    m_pools = std::make_unique<upstream::PoolManager>(poolOptions(*m_config), laneKinds(m_config, m_clock),
                                                      m_clock);
    m_recorder->onHandOver([this] { handOver(); });
    pipeline::Options options = pipelineOptions(*m_config, m_authorities);
    options.admin.token = m_adminToken;
    options.admin.hasKeys = m_config->store.enabled;
    m_pipeline = std::make_unique<pipeline::Pipeline>(std::move(options), *m_pools, *m_recorder, m_clock);
    m_pipeline->setSaving(m_saving);
    m_pipeline->setCallerKey(m_callerKey);
    m_pipeline->setSpentBefore(m_spentBefore);
    for (const auto &[provider, secret] : m_secrets)
        m_pipeline->setProviderSecret(provider, secret);
    m_secrets.clear();
    connect(m_pipeline.get(), &pipeline::Pipeline::keyWanted, this, &Engine::keyWanted);
    connect(m_pipeline.get(), &pipeline::Pipeline::asked, this,
            [this](quint64 id, const pipeline::Question &question) {
                if (question.desk == pipeline::Question::Desk::Vault) {
                    Q_EMIT vaultAsked(id, question);
                    return;
                }
                // The admin is told of all that has ended. A key's own page waits for the next tick: it must
                // not make the store write as often as it is asked.
                if (question.keyId == 0)
                    handOver();
                Q_EMIT storeAsked(id, question);
            });
    m_listener = std::make_unique<server::Listener>(serverOptions(*m_config), *m_pipeline, m_clock);

    const auto port = m_listener->listen();
    if (!port) {
        Q_EMIT failed(port.error());
        return;
    }
    if (m_config->pool.warm)
        warmPools();
    m_tick.start();
    Q_EMIT listening(*port);
}

void Engine::warmPools()
{
    // Only what plain /v1/ paths lead to: a provider that is merely known is not called.
    const pipeline::Options &options = m_pipeline->options();
    for (const pipeline::RoutedProvider &routed : options.routes.providers) {
        const llm::Provider &provider = routed.provider;
        const auto warm = [&](const std::string &route, const std::optional<llm::BaseUrl> &base) {
            if (provider.name == route && base)
                m_pools->pool(provider.name, {base->tls, base->host, base->port, routed.authorities}).warm();
        };
        warm(options.routes.anthropic, provider.anthropicBase);
        warm(options.routes.openAi, provider.openAiBase);
    }
}

void Engine::tick()
{
    std::vector<metrics::PoolState> pools;
    for (const upstream::Pool *pool : m_pools->pools())
        pools.push_back(poolState(*pool));
    metrics::Snapshot snapshot = m_recorder->tick(std::move(pools));
    snapshot.connections = m_listener->connectionCount();
    snapshot.keys = m_pipeline->accounts().states();
    m_snapshot = std::make_shared<const metrics::Snapshot>(std::move(snapshot));
    m_freeMemory.watch(m_pipeline->activeCount(), m_clock.now());
    handOver();
}

void Engine::handOver()
{
    metrics::RecordBatch batch = m_recorder->takeBatch();
    for (metrics::RequestRecord &record : batch) {
        const std::string &sent = record.modelSent.empty() ? record.modelRequested : record.modelSent;
        if (costsNothing(record)) {
            record.costMicros = 0;
            continue;
        }
        record.costMicros = m_prices.cost(
            record.provider, record.modelServed.empty() ? sent : record.modelServed, record.usage);
    }
    // Shared with the store: it is copied once, for the window.
    const auto records = std::make_shared<const metrics::RecordBatch>(std::move(batch));
    if (!records->empty())
        Q_EMIT recorded(records);
    Q_EMIT ticked(m_snapshot, *records);
}

void Engine::tellStore()
{
    if (m_tick.isActive()) // else nothing has begun, or all has been told
        handOver();
}

void Engine::setSaving(const metrics::Saving &saving)
{
    m_saving = saving;
    if (m_pipeline)
        m_pipeline->setSaving(saving);
}

void Engine::setCallerKey(std::shared_ptr<const base::Secret> key)
{
    m_callerKey = std::move(key);
    if (m_pipeline)
        m_pipeline->setCallerKey(m_callerKey);
}

void Engine::setSpentBefore(const pipeline::SpentBefore &spent)
{
    m_spentBefore = spent;
    if (m_pipeline)
        m_pipeline->setSpentBefore(spent);
}

void Engine::answer(quint64 id, const pipeline::Answer &answer)
{
    if (m_pipeline)
        m_pipeline->answer(id, answer);
}

void Engine::takeKey(quint64 id, const keys::KeyHash &hash, const pipeline::FoundKey &key)
{
    if (m_pipeline)
        m_pipeline->takeKey(id, hash, key);
}

void Engine::forgetKey(const keys::KeyHash &hash)
{
    if (m_pipeline)
        m_pipeline->forgetKey(hash);
}

void Engine::setProviderSecret(const std::string &provider, const pipeline::ProviderSecret &secret)
{
    if (m_pipeline)
        m_pipeline->setProviderSecret(provider, secret);
    else
        m_secrets.insert_or_assign(provider, secret);
}

void Engine::stop(int drainMaxMs)
{
    if (m_phase == Phase::Running) {
        if (!m_listener) {
            m_phase = Phase::Stopped;
            Q_EMIT drained();
            return;
        }
        m_phase = Phase::Draining;
        m_pipeline->drain();
        m_listener->stopAccepting();
        m_pools->drain(); // what only waits need not wait any longer
        // Queued: idle() comes from the middle of the last exchange's end.
        connect(m_pipeline.get(), &pipeline::Pipeline::idle, this, &Engine::deliver, Qt::QueuedConnection);
    }
    if (m_phase != Phase::Draining)
        return;
    if (m_pipeline->activeCount() == 0)
        deliver();
    else
        QTimer::singleShot(drainMaxMs, this, &Engine::cutRest);
}

void Engine::cutRest()
{
    if (m_phase == Phase::Draining)
        m_pipeline->cut(); // deliver() follows
}

void Engine::deliver()
{
    if (m_phase != Phase::Draining)
        return; // one more was refused meanwhile
    m_phase = Phase::Delivering;
    if (m_listener->isEmpty()) {
        finishStop();
        return;
    }
    connect(m_listener.get(), &server::Listener::emptied, this, &Engine::finishStop, Qt::QueuedConnection);
    QTimer::singleShot(DeliverMaxMs, this, &Engine::finishStop);
}

void Engine::finishStop()
{
    if (m_phase != Phase::Delivering)
        return; // once
    m_phase = Phase::Stopped;
    m_tick.stop();
    m_listener->abortAll();
    tick(); // the last batch
    Q_EMIT drained();
}

} // namespace weir::engine
